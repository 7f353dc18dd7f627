import { join } from 'node:path';

/** The files of one process; its directory is 0700 and never visible inside the agent's sandbox (docs: the holder). */
export interface ProcessFiles {
  readonly directory: string;
  /** Locked by the holder for as long as it lives. */
  readonly lock: string;
  /** Who the holder and the agent are; without it the agent was never executed. */
  readonly pid: string;
  /** Spool of frames for the agent's stdin. */
  readonly in: string;
  /** What the agent wrote; what is sealed of it may be a hole. */
  readonly out: string;
  readonly err: string;
  /** Compressed frames of what the agent wrote first. */
  readonly outSealed: string;
  readonly errSealed: string;
  /** FIFO for commands to the holder. */
  readonly ctl: string;
  /** How it ended; absent while it goes on. */
  readonly exit: string;
}

export function processFiles(directory: string): ProcessFiles {
  return {
    directory,
    lock: join(directory, 'lock'),
    pid: join(directory, 'pid'),
    in: join(directory, 'in.log'),
    out: join(directory, 'out.log'),
    err: join(directory, 'err.log'),
    outSealed: join(directory, 'out.sealed'),
    errSealed: join(directory, 'err.sealed'),
    ctl: join(directory, 'ctl'),
    exit: join(directory, 'exit'),
  };
}
