import type { RunId } from '../../contracts/ids.ts';
import type { LogsCommitted } from '../logs/log-sealing.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** What a process tells those who started to follow it. */
export interface ProcessHooks {
  /** Each time there may be something new in its directory, before it is looked at. */
  readonly onNews: (process: SupervisedProcess) => void;
  /** Each time another frame's worth of a log is committed, so that it may be sealed. */
  readonly onRead: (process: SupervisedProcess, upTo: LogsCommitted) => void;
  /** Whether a run that waits is to take the place of this one, which is going. */
  readonly isReplaced: (process: SupervisedProcess, runId: RunId) => boolean;
  /** Each time it has no turn any more, or yet, and waits for one. */
  readonly onIdle: (process: SupervisedProcess) => void;
  /** Once, when the end of the process is committed and nothing of its tree is left. */
  readonly onExited: (process: SupervisedProcess) => void;
  /** Once, when this server cannot go on with the process: what is in memory is not to be trusted any more, what is stored is. */
  readonly onLost: (process: SupervisedProcess, error: unknown) => void;
}
