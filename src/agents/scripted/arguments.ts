import { extname, join } from 'node:path';
import type { Launch, LaunchSpec } from '../driver.ts';
import type { ScriptedOptions } from './options.ts';
import { selectEnvironment } from '../base-environment.ts';

const inherited = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR']);

const bundledProgram = [
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, 'program', `main${extname(import.meta.filename)}`),
];

/** How the program is started: by the Node that runs the server, as `.ts` in a clone and as `.js` in the published package. */
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
