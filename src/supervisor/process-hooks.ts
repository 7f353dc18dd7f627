import type { LogsCommitted } from './log-sealing.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** What a process tells those who started to follow it. */
export interface ProcessHooks {
  /** Each time another frame's worth of a log is committed, so that it may be sealed. */
  readonly onRead: (process: SupervisedProcess, upTo: LogsCommitted) => void;
  /** Once, when the end of the process is committed and nothing of its tree is left. */
  readonly onExited: (process: SupervisedProcess) => void;
  /** Once, when this server cannot go on with the process: what is in memory is not to be trusted any more, what is stored is. */
  readonly onLost: (process: SupervisedProcess, error: unknown) => void;
}
