import { CommanderError } from 'commander';
import type { Outcome } from '../contracts/run-state.ts';

/** What the program says to the shell; `drover --help` and docs list it. */
export const exitCodes = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  unrecognised: 3,
  canceled: 4,
  unreachable: 69,
  interrupted: 130,
  stopped: 143,
} as const;

export const exitCodesHelp = `
Exit status:
    0  done; the run succeeded
    1  the run failed, or the command did
    2  the command line is not right
    3  translate: there was a line that the driver does not understand
    4  the run was canceled before it started
   69  no server answers
  130  the run was interrupted, or left by Ctrl-C
  143  the run was stopped`;

export function exitCodeOf(outcome: Outcome): number {
  return exitCodes[outcome];
}

export function exitCodeOfError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.usage;
  const { code } = error as { code?: unknown };
  return code === 'server_unreachable' ? exitCodes.unreachable : exitCodes.failed;
}
