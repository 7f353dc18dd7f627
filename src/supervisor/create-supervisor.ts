import type { PermissionId, RunId, SessionId } from '../contracts/ids.ts';
import type { CreateSession, Run, RunSummary, Session } from '../contracts/resources.ts';
import { isReached, possibleVerbs } from '../domain/run-states.ts';
import { AppError } from '../kernel/app-error.ts';
import { toTimestamp } from '../kernel/clock.ts';
import { Serially } from '../kernel/serially.ts';
import type { NewEvent } from '../contracts/events.ts';
import type { Owner, PermissionRow, RunRow, SessionRow } from '../store/rows.ts';
import { nextTurn } from '../log/next-turn.ts';
import { checkWorkspace } from '../workspace/check-workspace.ts';
import { createExecution } from './execution.ts';
import type { Parts } from './parts.ts';
import { answerAsUser, recordStranger } from './permissions/answer-as-user.ts';
import {
  presentAuditEntry,
  presentPermission,
  presentPermissionSummary,
  presentRun,
  presentSession,
  presentSummary,
} from './present.ts';
import type { ReadyProfile } from './profiles.ts';
import { findProfile, presentProfile, readProfiles } from './profiles.ts';
import { QueueChanges } from './dispatch/queue-changes.ts';
import { findRawLog } from './logs/raw-log.ts';
import { RunQueueing } from './dispatch/run-queueing.ts';
import { viewProcess, viewRun } from './run-views.ts';
import { canStayWarm } from './dispatch/warm-pool.ts';
import type { SessionPatch } from './dispatch/session-changes.ts';
import type { Supervisor } from './supervisor.ts';
import { wrongState } from './controls/wrong-state.ts';

const defaultLimit = 100;

/** For how long a list may keep others waiting. */
const sliceMs = 5;

/** How often, and after how long, a verb is tried again that came in between two states of its run. */
const verbTries = 40;
const verbPauseMs = 25;

/** Who may ask for what, and what they are shown. Starting it recovers what an earlier server left; stopping it leaves agents running. */
export function createSupervisor(parts: Parts): Supervisor {
  const { store, log, clock, config } = parts;
  const profiles = readProfiles(config, parts.drivers);
  const execution = createExecution(parts, profiles);
  const { dispatcher } = execution;
  const queueing = new RunQueueing(parts, execution);
  const queueChanges = new QueueChanges(parts, dispatcher);
  const changingSessions = new Serially<SessionId>();
  let isStopping = false;

  const refuseWhileStopping = () => {
    if (isStopping) throw new AppError('shutting_down', 'The server is shutting down; try again when it is back');
  };

  const ownSession = async (owner: Owner, id: SessionId): Promise<SessionRow> =>
    belonging(owner, await store.session(id), `There is no session "${id}"`);
  const ownRun = async (owner: Owner, id: RunId): Promise<RunRow> =>
    belonging(owner, await store.run(id), `There is no run "${id}"`);
  const ownPermission = async (owner: Owner, id: PermissionId): Promise<PermissionRow> =>
    belonging(owner, await store.permission(id), `There is no permission "${id}"`);

  const sessionOf = async ({ sessionId }: Pick<RunRow, 'sessionId'>): Promise<SessionRow> => {
    const session = await store.session(sessionId);
    if (session === null) throw new Error(`The session ${sessionId} is gone`);
    return session;
  };

  const showRun = async (row: RunRow): Promise<Run> =>
    presentRun(row, viewRun(execution, profiles, await sessionOf(row), row));

  const showSession = async (row: SessionRow): Promise<Session> => {
    const cursor = { generation: log.generation, lastSeq: await log.lastSeq(row.id) };
    return presentSession(row, cursor, viewProcess(execution, row));
  };

  /** On disk, and known to whoever works in the session, when it resolves; where nothing would change, nothing happens. */
  const patchSession = (
    owner: Owner,
    id: SessionId,
    patchOf: (row: SessionRow) => { readonly patch: SessionPatch; readonly event: NewEvent } | null,
  ): Promise<Session> =>
    changingSessions.run(id, async () => {
      const row = await ownSession(owner, id);
      const change = patchOf(row);
      if (change === null) return showSession(row);
      const { patch, event } = change;
      await execution.changeSession(id, patch, () =>
        log.append({
          sessionId: id,
          isDurable: true,
          events: [event],
          writes: [{ table: 'sessions', id, patch }],
        }),
      );
      return showSession({ ...row, ...patch });
    });

  const pauseSession = (owner: Owner, id: SessionId): Promise<Session> =>
    patchSession(owner, id, ({ pausedAt }) =>
      pausedAt === null
        ? { patch: { pausedAt: toTimestamp(clock) }, event: { type: 'session.paused', data: {} } }
        : null,
    );

  const refuseCold = (profile: ReadyProfile): void => {
    if (canStayWarm(config, profile)) return;
    const why = profile.driver.capabilities.warm
      ? 'processes do not stay warm on this server ("warm.maxProcesses", "warm.idleMs"), nor with a terminal'
      : `the driver "${profile.driver.name}" cannot start an agent before its prompt`;
    throw new AppError('unsupported', `The profile "${profile.name}" cannot be warmed: ${why}`);
  };

  return {
    start: () => execution.start(),
    stop() {
      isStopping = true;
      return execution.stop();
    },

    profiles: () => [...profiles.values()].map((profile) => presentProfile(profile, parts.host)),

    async createSession(owner: Owner, { profile, workspace, permissions, warm = false }: CreateSession) {
      refuseWhileStopping();
      const ready = findProfile(profiles, profile);
      if (warm) refuseCold(ready);
      const { isShared = false } = workspace;
      const workspacePath = await checkWorkspace(workspace.path, config);
      const { tenantId, userId } = owner;
      const row: SessionRow = {
        id: parts.newId('ses'),
        tenantId,
        userId,
        profile,
        workspacePath,
        workspaceIsShared: isShared,
        nativeSessionId: null,
        pausedAt: null,
        permissions: permissions ?? null,
        createdAt: toTimestamp(clock),
      };
      await log.append({
        sessionId: row.id,
        isDurable: true,
        events: [{ type: 'session.created', data: { profile, workspace: { path: workspacePath, isShared } } }],
        writes: [{ table: 'sessions', insert: row }],
      });
      if (warm) dispatcher.warm(row);
      return showSession(row);
    },

    session: async (owner, id) => showSession(await ownSession(owner, id)),
    sessions: async (owner) => Promise.all((await store.sessions(owner)).map(showSession)),

    async changeSession(owner, id, { permissions }) {
      refuseWhileStopping();
      const event: NewEvent = { type: 'session.policy_changed', data: { permissions: permissions ?? [] } };
      return patchSession(owner, id, () => ({ patch: { permissions }, event }));
    },

    async pauseSession(owner, id) {
      refuseWhileStopping();
      return pauseSession(owner, id);
    },

    async resumeSession(owner, id) {
      refuseWhileStopping();
      return patchSession(owner, id, ({ pausedAt }) =>
        pausedAt === null ? null : { patch: { pausedAt: null }, event: { type: 'session.resumed', data: {} } },
      );
    },

    async warmSession(owner, id) {
      refuseWhileStopping();
      const row = await ownSession(owner, id);
      refuseCold(findProfile(profiles, row.profile));
      execution.refuseLeftAlone(id);
      if (!dispatcher.warm(row) && execution.processOf(id) === undefined) execution.refuseBusy(row);
      return showSession(row);
    },

    async createRun(owner, sessionId, input, idempotencyKey) {
      refuseWhileStopping();
      const session = await ownSession(owner, sessionId);
      execution.refuseLeftAlone(sessionId);
      const { capabilities, name } = profiles.get(session.profile)?.driver ?? { capabilities: null, name: '' };
      if (input.mode === 'steer' && capabilities?.steer !== true) {
        throw new AppError(
          'unsupported',
          `The driver "${name}" cannot steer a running turn; use mode "queue" or "replace"`,
        );
      }
      if (input.mode === 'replace' && capabilities?.interrupt !== true) {
        throw new AppError('unsupported', `The driver "${name}" cannot interrupt a turn; use mode "queue"`);
      }
      const { row, ...taken } = await queueing.take(session, input, idempotencyKey);
      return { run: await showRun(row), ...taken };
    },

    run: async (owner, id) => showRun(await ownRun(owner, id)),

    async runs(owner, { sessionId, isOpen = false, limit = defaultLimit }) {
      if (sessionId !== undefined) await ownSession(owner, sessionId);
      const filter = { limit, ...(isOpen && { isOpen }), ...(sessionId !== undefined && { sessionId }) };
      const rows = await store.runs(owner, filter);
      const shown: RunSummary[] = [];
      let slice = clock.monotonic();
      for (const row of rows) {
        // Looking at the processes of hundreds of runs must keep nobody waiting.
        if (clock.monotonic() - slice > sliceMs) {
          await nextTurn();
          slice = clock.monotonic();
        }
        shown.push(presentSummary(row, viewRun(execution, profiles, await sessionOf(row), row)));
      }
      return shown;
    },

    async changeRun(owner, id, change) {
      refuseWhileStopping();
      const row = await ownRun(owner, id);
      if (!(await queueChanges.change(row, change))) throw wrongState(row, 'change');
      return showRun(await ownRun(owner, id));
    },

    async command(owner, id, verb) {
      refuseWhileStopping();
      for (let tries = verbTries; ; tries -= 1) {
        const row = await ownRun(owner, id);
        if (isReached(row, verb)) return showRun(row);
        if (!possibleVerbs(row).includes(verb)) throw wrongState(row, verb);
        if (verb !== 'cancel') execution.refuseLeftAlone(row.sessionId);
        if (await (verb === 'cancel' ? execution.cancel(id) : execution.request(id, verb))) {
          return showRun(await ownRun(owner, id));
        }
        // On its way from one state to the next: what is stored will soon say to which.
        if (tries <= 0) throw new AppError('shutting_down', 'The run is being taken up again; ask again in a moment');
        await clock.sleep(verbPauseMs);
      }
    },

    async pauseWhenFinished(owner, id) {
      refuseWhileStopping();
      const row = await ownRun(owner, id);
      if (row.endedAt !== null || row.state === 'queued') throw wrongState(row, 'pause when it is finished');
      await pauseSession(owner, row.sessionId);
      return showRun(row);
    },

    async permissions(owner, { sessionId, isPending = false, limit = defaultLimit }) {
      if (sessionId !== undefined) await ownSession(owner, sessionId);
      const filter = { limit, ...(isPending && { isPending }), ...(sessionId !== undefined && { sessionId }) };
      return (await store.permissions(owner, filter)).map(presentPermissionSummary);
    },

    permission: async (owner, id) => presentPermission(await ownPermission(owner, id)),

    async answerPermission(owner, id, answer) {
      refuseWhileStopping();
      const row = await ownPermission(owner, id).catch(async (error: unknown) => {
        // Not waited for: how long the refusal takes must not tell that there is something.
        void recordStranger(parts, owner, await store.permission(id));
        throw error;
      });
      execution.refuseLeftAlone(row.sessionId);
      return presentPermission(await answerAsUser(parts, execution, owner, row, answer));
    },

    async auditEntries(owner, { sessionId, limit = defaultLimit }) {
      if (sessionId !== undefined) await ownSession(owner, sessionId);
      const filter = { limit, ...(sessionId !== undefined && { sessionId }) };
      return (await store.auditEntries(owner, filter)).map(presentAuditEntry);
    },

    async terminal(owner, id, viewer) {
      refuseWhileStopping();
      return execution.terminals.open(await ownRun(owner, id), viewer);
    },

    async rawLog(owner, id, query) {
      return findRawLog(parts, await ownRun(owner, id), query);
    },
  };
}

/** What belongs to another is not there. */
function belonging<Row extends Owner>(owner: Owner, row: Row | null, absence: string): Row {
  if (row?.tenantId !== owner.tenantId || row.userId !== owner.userId) throw new AppError('not_found', absence);
  return row;
}
