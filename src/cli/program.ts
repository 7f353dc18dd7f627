import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { approveCommand } from './commands/approve.ts';
import { editCommand } from './commands/edit.ts';
import { attachCommand } from './commands/attach.ts';
import { logsCommand } from './commands/logs.ts';
import { moveCommand } from './commands/move.ts';
import { pauseCommand } from './commands/pause.ts';
import { profilesCommand } from './commands/profiles.ts';
import { psCommand } from './commands/ps.ts';
import { resumeCommand } from './commands/resume.ts';
import { runCommand } from './commands/run.ts';
import { runVerbCommands } from './commands/run-verbs.ts';
import { serveCommand } from './commands/serve.ts';
import { showCommand } from './commands/show.ts';
import { translateCommand } from './commands/translate.ts';
import { tryCommand } from './commands/try.ts';
import { warmCommand } from './commands/warm.ts';
import { exitCodeOfError, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { inertLine } from './inert-text.ts';
import type { Io } from './io.ts';

/** What each command gets. */
export interface CommandContext {
  readonly io: Io;
  /** Sets the exit code. */
  readonly finish: (code: number) => void;
}

/** Runs one command line, without the program's own name; resolves with the exit code, whatever happens. */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.failed;
  try {
    await createProgram({ io, finish: (code) => (exitCode = code) }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said already what is wrong with the command line.
    if (!(error instanceof CommanderError)) io.stderr.write(`drover: ${inertLine((error as Error).message)}\n`);
    return exitCodeOfError(error);
  }
}

/**
 * Says what every command is and takes. What a command does it loads when it does it: so `--help`, and every other command, loads no
 * schemas, no client and no server (docs/adr/0013).
 */
function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.io;
  const program = new Command('drover')
    .description('Runs coding agents as supervised processes: agents outlive the server, and not one event is lost.')
    .version(readVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'drover: ')),
    })
    .addHelpText('after', exitCodesHelp);
  const commands = [
    serveCommand,
    runCommand,
    psCommand,
    showCommand,
    logsCommand,
    attachCommand,
    approveCommand,
    pauseCommand,
    resumeCommand,
    runVerbCommands,
    editCommand,
    moveCommand,
    warmCommand,
    profilesCommand,
    translateCommand,
    tryCommand,
  ];
  for (const addTo of commands) addTo(program, context);
  return program;
}

/** `src/cli` and `dist/cli` lie equally deep. */
function readVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
