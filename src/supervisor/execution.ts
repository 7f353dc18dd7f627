import type { RunId, SessionId, UserId } from '../contracts/ids.ts';
import type { AnswerPermission } from '../contracts/permission.ts';
import { AppError } from '../kernel/app-error.ts';
import { processFiles } from '../holder/process-directory.ts';
import { failpoint } from '../kernel/failpoint.ts';
import type { Lifecycle } from '../kernel/lifecycle.ts';
import { onceOnly } from '../kernel/lifecycle.ts';
import type { PermissionRow, RunRow, SessionRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';
import { createAudit } from './recovery/audit.ts';
import { Cancellations } from './dispatch/cancellations.ts';
import type { QueuedRun } from './dispatch/dispatcher.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { endUnstarted } from './dispatch/end-unstarted.ts';
import { FailedStarts } from './dispatch/failed-starts.ts';
import { LiveProcesses } from './dispatch/live-processes.ts';
import { LogSealing } from './logs/log-sealing.ts';
import { findUnsealed } from './logs/log-sealing-leftovers.ts';
import type { Parts } from './parts.ts';
import { failed } from './process/process-end.ts';
import { processDirectory } from './process/process-place.ts';
import { withdrawQuestions } from './permissions/withdraw-questions.ts';
import type { Profiles } from './profiles.ts';
import type { RecoveryHooks } from './recovery/recovery.ts';
import { Recovery } from './recovery/recovery.ts';
import type { ControlVerb } from './controls/run-controls.ts';
import type { SessionPatch } from './dispatch/session-changes.ts';
import { SessionChanges } from './dispatch/session-changes.ts';
import { startAttempt, startWarm } from './dispatch/start-attempt.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import { Terminals } from './terminal/terminals.ts';
import { WarmPool } from './dispatch/warm-pool.ts';

/** Carries accepted runs to their ends. Asks nobody's leave: who may do what is decided before. */
export interface Execution extends Lifecycle {
  readonly dispatcher: Dispatcher;
  /** The run of the session that has started and not ended. */
  runOf(id: SessionId): RunId | null;
  /** Throws `workspace_busy` where a run of another session works in the directory of this one. */
  refuseBusy(session: SessionRow): void;
  /** Takes a run that is on disk as queued; one that is to replace the running one has that interrupted. */
  add(queued: QueuedRun): void;
  /** False where the run has no open turn here. */
  request(id: RunId, verb: ControlVerb): Promise<boolean>;
  /** Says something into the running turn of the session, and returns its run. Throws `wrong_state` where there is none. */
  steer(
    session: SessionRow,
    said: { readonly key: string; readonly prompt: string },
    writesFor: (runId: RunId) => readonly Write[],
  ): Promise<RunId>;
  /** Answers a question of an agent that waits. */
  answer(row: PermissionRow, answer: AnswerPermission, userId: UserId): Promise<PermissionRow>;
  /** The session has another policy, or is paused or not: at once, and stored when it resolves. */
  changeSession(id: SessionId, patch: SessionPatch, store: () => Promise<void>): Promise<void>;
  processOf(id: SessionId): SupervisedProcess | undefined;
  readonly terminals: Terminals;
  /** Throws `newer_layout` where only a newer release can go on with the session's process. */
  refuseLeftAlone(id: SessionId): void;
  /** False where the run is not in the queue (any more). */
  cancel(id: RunId): Promise<boolean>;
}

export function createExecution(parts: Parts, profiles: Profiles): Execution {
  const { store, clock, logger, config } = parts;
  const live = new LiveProcesses();
  const changes = new SessionChanges();
  const audit = createAudit(parts);
  const sealing = new LogSealing(parts);
  const terminals = new Terminals(parts, ({ sessionId }) => live.ofSession(sessionId));
  const pool = new WarmPool(config, clock);
  const leaving = new AbortController();
  let leftovers = Promise.resolve();
  let isStopping = false;

  const hooks: RecoveryHooks = {
    profiles,
    onLive(process) {
      process.conversation.session = changes.latest(process.session);
      live.add(process);
      if (isStopping) process.detach();
    },
    onHeld: ({ id }, session) => live.hold(id, session),
    onNews: ({ id }) => terminals.wake(id),
    onRead: ({ files }, upTo) => sealing.committed(files, upTo),
    isReplaced: ({ session }, runId) => dispatcher.waiting(session.id)[0]?.run.replaces === runId,
    onIdle(process) {
      // Where its next run is there already, nobody has to make room for it.
      dispatcher.poke();
      if (process.isIdle && !dispatcher.isStarting(process.session.id)) pool.add(process);
    },
    onUnused: (process) => pool.add(process),
    onUnfit(process, queued) {
      dispatcher.putBack(queued);
      pool.retire(process);
    },
    onExited(process) {
      pool.remove(process);
      hooks.onGone(process.id);
    },
    onLost(process, error) {
      pool.remove(process);
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
      terminals.end(id);
      dispatcher.poke();
      sealing.ended(processFiles(processDirectory(config.dataDir, id)));
    },
  };
  const recovery = new Recovery(parts, hooks);
  const failedStarts = new FailedStarts({
    parts,
    live,
    recovery,
    dispatcher: () => dispatcher,
    isStopping: () => isStopping,
  });
  const dispatcher: Dispatcher = new Dispatcher({
    maxRunningAgents: config.maxRunningAgents,
    live,
    startAttempt(queued, idle) {
      if (idle !== null) pool.remove(idle);
      return startAttempt(parts, hooks, queued, idle).catch((error: unknown) =>
        failedStarts.settle(queued, idle, error),
      );
    },
    startWarm: (session) =>
      startWarm(parts, hooks, session).catch((error: unknown) => {
        const process = live.ofSession(session.id);
        process?.detach();
        if (process !== undefined) recovery.again(process.id, error);
        throw error;
      }),
    retire: (process) => pool.retire(process),
    logger,
  });

  const cancellations = new Cancellations(parts, dispatcher);

  /** What an earlier server left without a process to wait for would be open for ever. */
  const endForgotten = async (open: readonly RunRow[]): Promise<void> => {
    const held = new Set((await store.openProcesses()).map(({ openRunId }) => openRunId));
    for (const run of open.filter(({ id, state }) => state !== 'queued' && !held.has(id))) {
      await withdrawQuestions(parts, run);
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

  const add = (queued: QueuedRun): void => {
    dispatcher.add({ ...queued, session: changes.latest(queued.session) });
    if (queued.run.replaces === null) return;
    // What cannot be interrupted just now is asked again by its process.
    live
      .ofRun(queued.run.replaces)
      ?.controls.makeWay()
      .catch((error: unknown) => logger.info({ err: error, runId: queued.run.id }, 'Nothing to interrupt yet'));
  };

  const addQueued = async (open: readonly RunRow[]): Promise<void> => {
    for (const run of open) {
      if (run.state !== 'queued') continue;
      const session = await store.session(run.sessionId);
      if (session !== null) add({ run, session });
    }
  };

  const lifecycle = onceOnly({
    async start() {
      const open = await store.openRuns();
      await endForgotten(open);
      await recovery.takeUpAll();
      await addQueued(open);
      await audit.start();
      dispatcher.open();
      leftovers = sealLeftovers();
    },
    async stop() {
      isStopping = true;
      recovery.stop();
      dispatcher.close();
      pool.stop();
      leaving.abort();
      await audit.stop();
      for (const process of live.all()) process.detach();
      await leftovers;
      await sealing.stop();
    },
  });

  return {
    ...lifecycle,
    dispatcher,
    add,
    refuseLeftAlone: (id) => live.refuseLeftAlone(id),
    processOf: (id) => live.ofSession(id),
    runOf: (id) => live.ofSession(id)?.turn?.run.id ?? dispatcher.startingRun(id),

    refuseBusy(session) {
      const busy = dispatcher.busyIn(session);
      if (busy === null) return;
      const runId = live.ofSession(busy)?.turn?.run.id;
      const whose = runId === undefined ? `session ${busy}` : `run ${runId} of session ${busy}`;
      throw new AppError(
        'workspace_busy',
        `In "${session.workspacePath}" works ${whose}; wait for it, stop it, or share the directory with "isShared"`,
        { sessionId: busy, ...(runId !== undefined && { runId }) },
      );
    },

    terminals,

    async request(id, verb) {
      const process = live.ofRun(id);
      await process?.controls.request(verb);
      return process !== undefined;
    },

    async steer(session, said, writesFor) {
      const process = live.ofSession(session.id);
      const runId = process?.turn?.run.id;
      if (process === undefined || runId === undefined) {
        throw new AppError(
          'wrong_state',
          `No run of the session "${session.id}" is going that the prompt could be said into; send it with mode "queue"`,
          { mode: 'steer', possible: ['queue', 'replace'] },
        );
      }
      await process.controls.steer(said, writesFor(runId));
      return runId;
    },

    async answer(row, answer, userId) {
      const process = live.ofSession(row.sessionId);
      if (process?.id !== row.processId) {
        throw new AppError('shutting_down', 'The run is being taken up again; answer again in a moment');
      }
      return process.controls.answer(row.id, answer, { by: 'user', userId });
    },

    async changeSession(id, patch, toStore) {
      changes.begin(id, patch);
      const process = live.ofSession(id);
      const before = process?.conversation.session;
      if (process !== undefined) process.conversation.session = { ...process.conversation.session, ...patch };
      if (patch.pausedAt !== undefined) dispatcher.setPaused(id, patch.pausedAt !== null);
      try {
        await toStore();
      } catch (error) {
        // What only the disk refused is stored all the same, and holds; nothing else does.
        const stored = (await store.session(id).catch(() => null)) ?? before;
        const { conversation } = live.ofSession(id) ?? {};
        if (conversation !== undefined && stored !== undefined) {
          const { permissions, pausedAt } = stored;
          conversation.session = { ...conversation.session, permissions, pausedAt };
        }
        const isPaused = stored === undefined ? patch.pausedAt === null : stored.pausedAt !== null;
        if (patch.pausedAt !== undefined) dispatcher.setPaused(id, isPaused);
        throw error;
      } finally {
        changes.end(id);
      }
    },

    cancel: (id) => cancellations.cancel(id),
  };
}
