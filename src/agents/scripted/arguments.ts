import { join } from 'node:path';
import type { Launch, LaunchSpec } from '../driver.ts';
import type { ScriptedOptions } from './options.ts';
import { selectEnvironment } from '../base-environment.ts';

const inherited = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR']);

const bundledProgram = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'program', 'main.js')];

/** How the program is started: by the Node that runs the server. */
export function launch({ options, host, program, nativeSessionId }: LaunchSpec<ScriptedOptions>): Launch {
  return {
    argv: [
      program,
      ...(options.program === undefined ? bundledProgram : []),
      ...(options.script === undefined ? [] : ['--script', options.script]),
      ...(nativeSessionId === null ? [] : ['--resume', nativeSessionId]),
    ],
    env: selectEnvironment(host.env, (name) => inherited.has(name)),
    stdin: 'stream',
  };
}
