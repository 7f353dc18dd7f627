import type { RunId, SessionId } from '../contracts/ids.ts';
import type { CreateSession, Run } from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import { possibleVerbs } from '../domain/run-states.ts';
import { AppError } from '../kernel/app-error.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { Owner, RunRow, SessionRow } from '../store/rows.ts';
import { checkWorkspace } from '../workspace/check-workspace.ts';
import { createExecution } from './execution.ts';
import type { Parts } from './parts.ts';
import { presentRun, presentSession, presentSummary } from './present.ts';
import { findProfile, presentProfile, readProfiles } from './profiles.ts';
import { findRawLog } from './raw-log.ts';
import { RunQueueing } from './run-queueing.ts';
import type { Supervisor } from './supervisor.ts';

/** Who may ask for what, and what they are shown. Starting it recovers what an earlier server left; stopping it leaves agents running. */
export function createSupervisor(parts: Parts): Supervisor {
  const { store, log, clock, config } = parts;
  const profiles = readProfiles(config, parts.drivers);
  const execution = createExecution(parts, profiles);
  const queueing = new RunQueueing(parts, (row) => execution.add(row));
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

  const profileOf = async ({ sessionId }: Pick<RunRow, 'sessionId'>): Promise<string> =>
    (await store.session(sessionId))?.profile ?? '';

  const present = async (row: RunRow): Promise<Run> => presentRun(row, await profileOf(row));

  return {
    start: () => execution.start(),
    stop() {
      isStopping = true;
      return execution.stop();
    },

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
      execution.refuseLeftAlone(sessionId);
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
      return Promise.all(rows.map(async (row) => presentSummary(row, await profileOf(row))));
    },

    async command(owner, id, verb) {
      refuseWhileStopping();
      const row = await ownRun(owner, id);
      if (!possibleVerbs(row.state).includes(verb)) throw wrongState(row, verb);
      if (verb !== 'cancel') execution.refuseLeftAlone(row.sessionId);
      const isTaken = await (verb === 'cancel' ? execution.cancel(id) : execution.request(id, verb));
      if (!isTaken) throw wrongState(await ownRun(owner, id), verb);
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
