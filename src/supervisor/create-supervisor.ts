import type { RunId, SessionId } from '../contracts/ids.ts';
import type { CreateSession, Run } from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import { possibleVerbs } from '../domain/run-states.ts';
import { AppError } from '../kernel/app-error.ts';
import { toTimestamp } from '../kernel/clock.ts';
import { onceOnly } from '../kernel/lifecycle.ts';
import type { Owner, RunRow, SessionRow } from '../store/rows.ts';
import { checkWorkspace } from '../workspace/check-workspace.ts';
import { createAudit } from './audit.ts';
import { Dispatcher } from './dispatcher.ts';
import { LiveProcesses } from './live-processes.ts';
import type { Parts } from './parts.ts';
import { presentRun, presentSession } from './present.ts';
import { findProfile, presentProfile, readProfiles } from './profiles.ts';
import { findRawLog } from './raw-log.ts';
import { recoverProcesses } from './recover.ts';
import { RunQueueing } from './run-queueing.ts';
import { endUnstarted, startAttempt } from './start-attempt.ts';
import type { Supervisor } from './supervisor.ts';

/** Puts the pieces together. Starting it recovers what an earlier server left; stopping it leaves the agents running. */
export function createSupervisor(parts: Parts): Supervisor {
  const { store, log, clock, config } = parts;
  const profiles = readProfiles(config, parts.drivers);
  const live = new LiveProcesses();
  const hooks: Parameters<typeof startAttempt>[1] = {
    profiles,
    onLive: (process) => live.add(process),
    onExited(process) {
      live.delete(process);
      dispatcher.poke();
    },
  };
  const dispatcher = new Dispatcher({
    maxRunningAgents: config.maxRunningAgents,
    live,
    startAttempt: (run) => startAttempt(parts, hooks, run),
    logger: parts.logger,
  });
  const queueing = new RunQueueing(parts, (row) => dispatcher.add(row));
  const audit = createAudit(parts);
  let isStopping = false;

  const refuseWhileStopping = () => {
    if (isStopping) throw new AppError('shutting_down', 'The server is shutting down; try again when it is back');
  };

  const ownSession = async (owner: Owner, id: SessionId): Promise<SessionRow> => {
    const row = await store.session(id);
    if (row?.tenantId !== owner.tenantId || row.userId !== owner.userId) {
      throw new AppError('not_found', `There is no session "${id}"`);
    }
    return row;
  };

  const ownRun = async (owner: Owner, id: RunId): Promise<RunRow> => {
    const row = await store.run(id);
    if (row?.tenantId !== owner.tenantId || row.userId !== owner.userId) {
      throw new AppError('not_found', `There is no run "${id}"`);
    }
    return row;
  };

  const present = async (row: RunRow): Promise<Run> => {
    const session = await store.session(row.sessionId);
    return presentRun(row, session?.profile ?? '');
  };

  const lifecycle = onceOnly({
    async start() {
      await recoverProcesses(parts, hooks);
      for (const run of await store.openRuns()) if (run.state === 'queued') dispatcher.add(run);
      await audit.start();
      dispatcher.open();
    },
    async stop() {
      isStopping = true;
      dispatcher.close();
      await audit.stop();
      for (const process of live.all()) process.detach();
    },
  });

  return {
    ...lifecycle,

    profiles: () => [...profiles.values()].map((profile) => presentProfile(profile, parts.host)),

    async createSession(owner: Owner, { profile, workspace }: CreateSession) {
      refuseWhileStopping();
      findProfile(profiles, profile);
      const workspacePath = await checkWorkspace(workspace.path, config);
      const { tenantId, userId } = owner;
      const row: SessionRow = {
        id: parts.newId('ses'),
        tenantId,
        userId,
        profile,
        workspacePath,
        nativeSessionId: null,
        createdAt: toTimestamp(clock),
      };
      const data = { profile, workspace: { path: workspacePath } };
      await log.append({
        sessionId: row.id,
        isDurable: true,
        events: [{ type: 'session.created', data }],
        writes: [{ table: 'sessions', insert: row }],
      });
      return presentSession(row, log.generation, await log.lastSeq(row.id));
    },

    async session(owner, id) {
      const row = await ownSession(owner, id);
      return presentSession(row, log.generation, await log.lastSeq(id));
    },

    async sessions(owner) {
      const rows = await store.sessions(owner);
      return Promise.all(rows.map(async (row) => presentSession(row, log.generation, await log.lastSeq(row.id))));
    },

    async createRun(owner, sessionId, input, idempotencyKey) {
      refuseWhileStopping();
      const session = await ownSession(owner, sessionId);
      const { row, isRepeated } = await queueing.queue(session, input, idempotencyKey);
      return { run: presentRun(row, session.profile), isRepeated };
    },

    async run(owner, id) {
      return present(await ownRun(owner, id));
    },

    async runs(owner, { sessionId, isOpen = false, limit = 100 }) {
      if (sessionId !== undefined) await ownSession(owner, sessionId);
      const filter = { limit, ...(isOpen && { isOpen }), ...(sessionId !== undefined && { sessionId }) };
      const rows = await store.runs(owner, filter);
      return Promise.all(rows.map(present));
    },

    async command(owner, id, verb) {
      refuseWhileStopping();
      const row = await ownRun(owner, id);
      if (!possibleVerbs(row.state).includes(verb)) throw wrongState(row, verb);
      if (verb === 'cancel') {
        const queued = dispatcher.take(id);
        if (queued === null) throw wrongState(await ownRun(owner, id), verb);
        const message = 'Canceled before it started';
        await endUnstarted(parts, queued, {
          outcome: 'canceled',
          reason: null,
          message,
          answer: '',
          answerSource: 'none',
        });
      } else {
        const process = live.ofRun(id);
        if (process === undefined) throw wrongState(await ownRun(owner, id), verb);
        await process.request(verb);
      }
      return present(await ownRun(owner, id));
    },

    async rawLog(owner, id, query) {
      return findRawLog(parts, await ownRun(owner, id), query);
    },
  };
}

function wrongState(row: RunRow, verb: RunVerb): AppError {
  const possible = possibleVerbs(row.state);
  const wayOut = possible.length === 0 ? 'it has ended' : `possible now: ${possible.join(', ')}`;
  return new AppError('wrong_state', `Cannot ${verb} the run "${row.id}", which is ${row.state}; ${wayOut}`, {
    verb,
    state: row.state,
    possible,
  });
}
