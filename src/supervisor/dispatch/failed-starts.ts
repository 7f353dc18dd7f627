import { RetryableStoreError } from '../../store/retryable-store-error.ts';
import type { Dispatcher, QueuedRun } from './dispatcher.ts';
import { endUnstarted } from './end-unstarted.ts';
import type { LiveProcesses } from './live-processes.ts';
import type { Parts } from '../parts.ts';
import { failed } from '../process/process-end.ts';
import type { Recovery } from '../recovery/recovery.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';

/** A store that is busy or full is asked again after this. */
const storeRetryMs = 1_000;

export interface FailedStartsOptions {
  readonly parts: Pick<Parts, 'store' | 'log' | 'clock' | 'logger'>;
  readonly live: LiveProcesses;
  readonly recovery: Recovery;
  readonly dispatcher: () => Dispatcher;
  readonly isStopping: () => boolean;
}

/** Whatever kept an attempt from being made, its run does not stay in between: it ends, is tried again, or its process is taken up. */
export class FailedStarts {
  readonly #options: FailedStartsOptions;

  constructor(options: FailedStartsOptions) {
    this.#options = options;
  }

  /** A server that stops leaves the run to the next one. */
  async settle(queued: QueuedRun, idle: SupervisedProcess | null, error: unknown): Promise<void> {
    const { parts, live, isStopping } = this.#options;
    const { run } = queued;
    if (!isStopping()) parts.logger.error({ err: error, runId: run.id }, 'Could not start an attempt');
    live.ofSession(run.sessionId)?.detach();
    while (!isStopping()) {
      try {
        await this.#try(queued, idle, error);
        return;
      } catch (failure) {
        parts.logger.error({ err: failure, runId: run.id }, 'Could not settle a run that did not start');
        await parts.clock.sleep(storeRetryMs);
      }
    }
  }

  async #try(queued: QueuedRun, idle: SupervisedProcess | null, error: unknown): Promise<void> {
    const { parts, live, recovery, dispatcher } = this.#options;
    const { store, clock } = parts;
    const process = live.ofSession(queued.run.sessionId);
    const row = await store.run(queued.run.id);
    if (row?.state !== 'queued') {
      if (process !== undefined) recovery.again(process.id, error);
      return;
    }
    // A process that was there before is so still, and is taken up from what is stored.
    if (idle !== null) recovery.again(idle.id, error);
    else if (process !== undefined) live.release(process.id);
    if (idle !== null || error instanceof RetryableStoreError) {
      dispatcher().putBack({ ...queued, run: row });
      // Its session stays taken meanwhile, so that no later run overtakes it.
      await clock.sleep(storeRetryMs);
      return;
    }
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const message = `The run could not be started (${code}); see the log of the server`;
    await endUnstarted(parts, row, failed('spawn_failed', message));
  }
}
