import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { ExitEvidence } from '../../agents/driver.ts';
import { findDriver } from '../../agents/registry.ts';
import { replay } from '../../agents/replay.ts';
import { exitCodes } from '../exit-codes.ts';
import { inertJson } from '../inert-text.ts';
import type { CommandContext } from '../program.ts';

interface TranslateOptions {
  readonly stdout: string;
  readonly stderr?: string;
  readonly exit?: ExitEvidence;
}

export function translateCommand(program: Command, { io, finish }: CommandContext): void {
  program
    .command('translate')
    .description(
      'replay what an agent printed through its driver; print the events as JSON lines, last {"outcome","reason"}',
    )
    .argument('<driver>', 'such as claude')
    .requiredOption('--stdout <file>', "the agent's stdout")
    .option('--stderr <file>', "the agent's stderr")
    .option('--exit <evidence>', 'how the process ended, as "code=N signal=S" (default: code=0)', parseExit)
    .action(async (name: string, { stdout, stderr, exit }: TranslateOptions) => {
      const { createDrivers } = await io.loadDaemon();
      const events = replay(findDriver(createDrivers(), name), {
        stdout: resolve(io.cwd, stdout),
        stderr: stderr === undefined ? undefined : resolve(io.cwd, stderr),
        exit,
      });
      for (;;) {
        const { value, done } = await events.next();
        if (done === true) {
          const { outcome, reason, unrecognised } = value;
          io.stdout.write(`${inertJson({ outcome, reason })}\n`);
          return finish(unrecognised > 0 ? exitCodes.unrecognised : 0);
        }
        io.stdout.write(`${inertJson(value)}\n`);
      }
    });
}

/** Reads "code=N signal=S", of which either may be absent or "null". */
export function parseExit(text: string): ExitEvidence {
  const match = /^(?:code=(\d{1,3}|null))?\s*(?:signal=([A-Z0-9]+|null))?$/.exec(text.trim());
  if (match === null || text.trim() === '') throw new InvalidArgumentError('Expected "code=N", "signal=S" or both.');
  const [, code = 'null', signal = 'null'] = match;
  return { code: code === 'null' ? null : Number(code), signal: signal === 'null' ? null : signal };
}
