import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { processFiles } from './process-directory.ts';
import { isSystemError } from './system-error.ts';

/*
 * Commands to a holder, by the FIFO in the process directory. Each returns whether it was handed over; false where no holder reads
 * there (any more), or where one has stopped reading and the FIFO is full.
 */

/** The spool has grown; without it the holder notices within a second. */
export function wake(directory: string): boolean {
  return send(directory, 'wake');
}

/** Signals the agent's own process, not its tree. */
export function signal(directory: string, name: NodeJS.Signals): boolean {
  return send(directory, `signal ${osConstants.signals[name]}`);
}

/** Ends the whole tree: TERM, then KILL after the grace (by default the one given at the start). A second stop can only shorten it. */
export function stop(directory: string, graceMs?: number): boolean {
  return send(directory, graceMs === undefined ? 'stop' : `stop ${Math.max(0, Math.round(graceMs))}`);
}

/**
 * A dead man's switch: unless the holder hears otherwise, it stops the tree by itself after so many milliseconds, in which the machine
 * was awake, with the grace given at the start. A new one replaces the old; 0 calls it off. The exit record then says `expired`. An
 * agent that is frozen is stopped, too. A holder that is older than this command passes it over.
 */
export function expire(directory: string, ms: number): boolean {
  return send(directory, `expire ${Math.min(Math.max(0, Math.ceil(ms)), longestMs)}`);
}

/** More is no number to a holder. */
const longestMs = 2 ** 31 - 1;

/** Pauses the whole tree. */
export function freeze(directory: string): boolean {
  return send(directory, 'freeze');
}

export function thaw(directory: string): boolean {
  return send(directory, 'thaw');
}

/** Sets the size of the terminal of an agent in pty mode, which is told by SIGWINCH. */
export function resize(directory: string, rows: number, cols: number): boolean {
  return send(directory, `size ${rows} ${cols}`);
}

function send(directory: string, line: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(processFiles(directory).ctl, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, `${line}\n`);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENXIO', 'ENOENT', 'EAGAIN', 'EPIPE')) return false;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
