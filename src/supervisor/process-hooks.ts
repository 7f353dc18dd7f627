import type { SupervisedProcess } from './supervised-process.ts';

/** What a process tells those who started to follow it. */
export interface ProcessHooks {
  /** Once, when the end of the process is committed and nothing of its tree is left. */
  readonly onExited: (process: SupervisedProcess) => void;
  /** Once, when this server cannot go on with the process: what is in memory is not to be trusted any more, what is stored is. */
  readonly onLost: (process: SupervisedProcess, error: unknown) => void;
}
