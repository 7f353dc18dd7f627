import type { RunId, SessionId } from '../contracts/ids.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import { AppError } from '../kernel/app-error.ts';
import { processFiles } from '../holder/process-directory.ts';
import { failpoint } from '../kernel/failpoint.ts';
import type { Lifecycle } from '../kernel/lifecycle.ts';
import { onceOnly } from '../kernel/lifecycle.ts';
import { RetryableStoreError } from '../store/retryable-store-error.ts';
import type { RunRow } from '../store/rows.ts';
import { createAudit } from './audit.ts';
import { Dispatcher } from './dispatcher.ts';
import { endUnstarted } from './end-unstarted.ts';
import { LiveProcesses } from './live-processes.ts';
import { LogSealing } from './log-sealing.ts';
import { findUnsealed } from './log-sealing-leftovers.ts';
import type { Parts } from './parts.ts';
import { failed } from './process-end.ts';
import { processDirectory } from './process-place.ts';
import type { Profiles } from './profiles.ts';
import type { RecoveryHooks } from './recovery.ts';
import { Recovery } from './recovery.ts';
import { startAttempt } from './start-attempt.ts';

/** Carries accepted runs to their ends. Asks nobody's leave: who may do what is decided before. */
export interface Execution extends Lifecycle {
  /** Takes a run that is on disk as queued. */
  add(run: RunRow): void;
  /** False where the run has no open turn here. */
  request(id: RunId, verb: Exclude<RunVerb, 'cancel'>): Promise<boolean>;
  /** Throws `newer_layout` where only a newer release can go on with the session's process. */
  refuseLeftAlone(id: SessionId): void;
  /** False where the run is not in the queue (any more). */
  cancel(id: RunId): Promise<boolean>;
}

/** A store that is busy or full is asked again after this. */
const storeRetryMs = 1_000;

export function createExecution(parts: Parts, profiles: Profiles): Execution {
  const { store, clock, logger } = parts;
  const live = new LiveProcesses();
  const audit = createAudit(parts);
  const sealing = new LogSealing(parts);
  const leaving = new AbortController();
  let leftovers = Promise.resolve();
  let isStopping = false;

  const hooks: RecoveryHooks = {
    profiles,
    onLive(process) {
      live.add(process);
      if (isStopping) process.detach();
    },
    onHeld: ({ id, sessionId }) => live.hold(id, sessionId),
    onRead: ({ files }, upTo) => sealing.committed(files, upTo),
    onExited: ({ id }) => hooks.onGone(id),
    onLost(process, error) {
      if (error instanceof AppError && error.code === 'stale_epoch') {
        logger.error({ err: error }, 'Another server has taken over; this one lets go of every agent');
        void lifecycle.stop();
      } else {
        recovery.again(process.id, error);
      }
    },
    onLeftAlone(id, refusal) {
      live.leaveAlone(id, refusal);
      dispatcher.poke();
    },
    onGone(id) {
      failpoint('end-recorded');
      live.release(id);
      dispatcher.poke();
      sealing.ended(processFiles(processDirectory(parts.config.dataDir, id)));
    },
  };
  const recovery = new Recovery(parts, hooks);
  const dispatcher = new Dispatcher({
    maxRunningAgents: parts.config.maxRunningAgents,
    live,
    startAttempt: (run) => startAttempt(parts, hooks, run).catch((error: unknown) => failToStart(run, error)),
    logger,
  });

  /** Whatever kept an attempt from being made, its run does not stay in between: it ends, is tried again, or its process is taken up. */
  const failToStart = async (run: RunRow, error: unknown): Promise<void> => {
    // A server that stops leaves it to the next one.
    if (!isStopping) logger.error({ err: error, runId: run.id }, 'Could not start an attempt');
    live.ofSession(run.sessionId)?.detach();
    while (!isStopping) {
      try {
        await settle(run, error);
        return;
      } catch (failure) {
        logger.error({ err: failure, runId: run.id }, 'Could not settle a run that did not start');
        await clock.sleep(storeRetryMs);
      }
    }
  };

  const settle = async (run: RunRow, error: unknown): Promise<void> => {
    const process = live.ofSession(run.sessionId);
    const row = await store.run(run.id);
    if (row?.state !== 'queued') {
      if (process !== undefined) recovery.again(process.id, error);
    } else if (error instanceof RetryableStoreError) {
      if (process !== undefined) live.release(process.id);
      dispatcher.putBack(row);
      // Its session stays taken meanwhile, so that no later run overtakes it.
      await clock.sleep(storeRetryMs);
    } else {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      const message = `The run could not be started (${code}); see the log of the server`;
      await endUnstarted(parts, row, failed('spawn_failed', message));
      if (process !== undefined) live.release(process.id);
    }
  };

  /** What an earlier server left without a process to wait for would be open for ever. */
  const endForgotten = async (open: readonly RunRow[]): Promise<void> => {
    const held = new Set((await store.openProcesses()).map(({ openRunId }) => openRunId));
    for (const run of open.filter(({ id, state }) => state !== 'queued' && !held.has(id))) {
      await endUnstarted(parts, run, failed('internal', 'Drover lost sight of this run; see the log of the server'));
    }
  };

  /** The logs of processes that ended when nobody could seal them any more. */
  const sealLeftovers = async (): Promise<void> => {
    try {
      for await (const files of findUnsealed(parts, leaving.signal)) sealing.ended(files);
    } catch (error) {
      logger.warn({ err: error }, 'Could not find out which logs are to be sealed; the next server tries again');
    }
  };

  const lifecycle = onceOnly({
    async start() {
      const open = await store.openRuns();
      await endForgotten(open);
      await recovery.takeUpAll();
      for (const run of open) if (run.state === 'queued') dispatcher.add(run);
      await audit.start();
      dispatcher.open();
      leftovers = sealLeftovers();
    },
    async stop() {
      isStopping = true;
      recovery.stop();
      dispatcher.close();
      leaving.abort();
      await audit.stop();
      for (const process of live.all()) process.detach();
      await leftovers;
      await sealing.stop();
    },
  });

  return {
    ...lifecycle,

    add: (run) => dispatcher.add(run),
    refuseLeftAlone: (id) => live.refuseLeftAlone(id),

    async request(id, verb) {
      const process = live.ofRun(id);
      await process?.request(verb);
      return process !== undefined;
    },

    async cancel(id) {
      const queued = dispatcher.take(id);
      if (queued === null) return false;
      await endUnstarted(parts, queued, canceled).catch(async (error: unknown) => {
        // What could not be put on disk may be stored all the same: only what is queued still is to be started.
        const row = await store.run(id).catch(() => queued);
        if (row?.state === 'queued') dispatcher.putBack(queued);
        dispatcher.poke();
        throw error;
      });
      return true;
    },
  };
}

const canceled = {
  outcome: 'canceled',
  reason: null,
  message: 'Canceled before it started',
  answer: '',
  answerSource: 'none',
} as const;
