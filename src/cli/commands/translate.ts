import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { ExitEvidence } from '../../agents/driver.ts';
import { findDriver } from '../../agents/registry.ts';
import { replay } from '../../agents/replay.ts';
import { AppError } from '../../kernel/app-error.ts';
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
    .option(
      '--exit <evidence>',
      'how the process ended, as "code=N signal=S" or in the words of an .exit file (default: code=0)',
      parseExit,
    )
    .action(async (name: string, { stdout, stderr, exit }: TranslateOptions) => {
      const { createDrivers } = await io.loadDaemon();
      const events = replay(findDriver(createDrivers(), name), {
        stdout: await readableFile('--stdout', stdout, io),
        stderr: stderr === undefined ? undefined : await readableFile('--stderr', stderr, io),
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

/** Reads "code=N signal=S", of which either may be absent or "null", and what stands in recorded .exit files: "N 2.14s". */
export function parseExit(text: string): ExitEvidence {
  const normal = text.trim().replace(/^(\d+) \d*\.\d+s$/, 'code=$1');
  const words = normal.split(/\s+/).filter((word) => !duration.test(word));
  const pairs = words.map((word) => /^(code|signal)=(\w+)$/.exec(word)?.slice(1) ?? []);
  const { code = 'null', signal = 'null' } = Object.fromEntries(pairs) as { code?: string; signal?: string };
  const isCode = code === 'null' || (/^\d{1,3}$/.test(code) && Number(code) <= 255);
  const isSignal = signal === 'null' || Object.hasOwn(constants.signals, signal);
  const isEachOnce = words.length > 0 && new Set(pairs.map(([name]) => name)).size === words.length;
  if (!isCode || !isSignal || !isEachOnce || pairs.some(([name]) => name === undefined)) {
    throw new InvalidArgumentError(
      'Expected "code=N", "signal=S" or both, with a code of 0–255 and a signal like SIGTERM.',
    );
  }
  return { code: code === 'null' ? null : Number(code), signal: signal === 'null' ? null : signal };
}

/** How long it took says nothing of how it ended. */
const duration = /^(?:(?:total|afterSignal)=)?\d+ms$/;

/** Resolves with the absolute path of a file that an option names. Throws AppError `invalid_request` where it cannot be read. */
async function readableFile(option: string, file: string, { cwd }: CommandContext['io']): Promise<string> {
  const path = resolve(cwd, file);
  try {
    await using handle = await open(path);
    if ((await handle.stat()).isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    return path;
  } catch (cause) {
    const detail = `${option}: "${path}" cannot be read (${(cause as NodeJS.ErrnoException).code})`;
    throw new AppError('invalid_request', detail, {}, { cause });
  }
}
