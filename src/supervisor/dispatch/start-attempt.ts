import { mkdir } from 'node:fs/promises';
import { moveRun } from '../../domain/run-states.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import { failpoint } from '../../kernel/failpoint.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { AttemptRow, ProcessRow, RunRow, SessionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { QueuedRun } from './dispatcher.ts';
import { writeDriverState } from '../process/driver-state.ts';
import { endUnstarted } from './end-unstarted.ts';
import type { PreparedLaunch } from './launch.ts';
import { prepareLaunch } from './launch.ts';
import type { Parts } from '../parts.ts';
import { failed } from '../process/process-end.ts';
import { processDirectory } from '../process/process-place.ts';
import type { Profiles, ReadyProfile } from '../profiles.ts';
import type { ProcessHooks } from '../process/process-hooks.ts';
import { SupervisedProcess } from '../process/supervised-process.ts';
import { Turn } from '../process/turn.ts';

export interface AttemptHooks extends ProcessHooks {
  readonly profiles: Profiles;
  readonly onLive: (process: SupervisedProcess) => void;
  /** The process was to take a run that came to nothing, and is idle still. */
  readonly onUnused: (process: SupervisedProcess) => void;
  /** The run cannot start on this process, and waits until it has left. */
  readonly onUnfit: (process: SupervisedProcess, queued: QueuedRun) => void;
}

/**
 * Starts the next attempt at a queued run, on the idle process of its session where that was started as one would be started now. First
 * everything is on disk, the attempt, its process and its messages; then the holder is spawned. A server that dies in between leaves a
 * process in state `starting`, which its successor starts or finds started.
 */
export async function startAttempt(
  parts: Parts,
  hooks: AttemptHooks,
  queued: QueuedRun,
  idle: SupervisedProcess | null,
): Promise<void> {
  const session = await parts.store.session(queued.session.id);
  if (session === null) throw new Error(`Run ${queued.run.id} has no session`);
  const prepared = prepareLaunch(parts, hooks.profiles, session, queued.run);
  if ('refusal' in prepared) {
    await endUnstarted(parts, queued.run, failed('agent_not_found', prepared.refusal));
    if (idle !== null) hooks.onUnused(idle);
    return;
  }
  const { profile, launch } = prepared;

  const at = toTimestamp(parts.clock);
  if (idle !== null) {
    if (!idle.isIdle || idle.row.launchKey !== prepared.launchKey) {
      hooks.onUnfit(idle, queued);
      return;
    }
    const { run, attempt } = nextAttempt(parts, queued.run, idle.id, at);
    const turn = new Turn({ ...run, state: moveRun(run.state, 'running') }, attempt);
    const { events, writes } = beginning(turn);
    await idle.openTurn(turn, events, writes);
    return;
  }
  const { run, attempt } = nextAttempt(parts, queued.run, parts.newId('prc'), at);
  const row = newProcess(prepared, session, attempt.processId, at, { run, attempt });
  const present = await makePlace(parts, row);
  const turn = new Turn(run, attempt);
  const process = new SupervisedProcess({ parts, row, session: present, profile, turn, hooks });
  const messages = process.conversation.open();
  hooks.onLive(process);
  const { events, writes } = beginning(turn);
  await parts.log.append({
    sessionId: session.id,
    isDurable: true,
    events,
    writes: [{ table: 'processes', insert: row }, ...writes, ...messages],
  });
  failpoint('attempt-committed');
  await process.launch(launch, messages);
}

/** Starts the process of a session before its first prompt. */
export async function startWarm(parts: Parts, hooks: AttemptHooks, session: SessionRow): Promise<void> {
  const prepared = prepareLaunch(parts, hooks.profiles, session, null);
  if ('refusal' in prepared) {
    parts.logger.warn({ sessionId: session.id, detail: prepared.refusal }, 'Could not warm a session');
    return;
  }
  const row = newProcess(prepared, session, parts.newId('prc'), toTimestamp(parts.clock), null);
  const present = await makePlace(parts, row);
  const process = new SupervisedProcess({ parts, row, session: present, profile: prepared.profile, turn: null, hooks });
  const messages = process.conversation.open();
  hooks.onLive(process);
  const writes: Write[] = [{ table: 'processes', insert: row }, ...messages];
  await parts.log.append({ sessionId: session.id, isDurable: true, events: [], writes });
  await process.launch(prepared.launch, messages);
}

/** Makes the directory of the process; what its session is by then comes back, for it may have been changed meanwhile. */
async function makePlace(
  { config, store }: Pick<Parts, 'config' | 'store'>,
  { id, sessionId }: ProcessRow,
): Promise<SessionRow> {
  await mkdir(processDirectory(config.dataDir, id), { recursive: true, mode: 0o700 });
  const session = await store.session(sessionId);
  if (session === null) throw new Error(`The session ${sessionId} is gone`);
  return session;
}

/** What is committed when a turn begins. */
function beginning(turn: Turn): { events: AppendedEvent[]; writes: Write[] } {
  const { run, attempt } = turn;
  const { state, since, startedAt, attempts } = run;
  return {
    events: [
      { type: 'run.started', data: {}, runId: run.id },
      { type: 'attempt.started', data: { number: attempt.number, processId: attempt.processId }, ...turn.ids },
    ],
    writes: [
      { table: 'runs', id: run.id, patch: { state, since, startedAt, attempts } },
      { table: 'attempts', insert: attempt },
    ],
  };
}

function nextAttempt(
  { newId }: Pick<Parts, 'newId'>,
  queued: RunRow,
  processId: ProcessRow['id'],
  at: string,
): { run: RunRow; attempt: AttemptRow } {
  const state = moveRun(queued.state, 'starting');
  const run: RunRow = { ...queued, state, since: at, startedAt: at, attempts: queued.attempts + 1 };
  const attempt: AttemptRow = {
    id: newId('att'),
    runId: run.id,
    sessionId: run.sessionId,
    processId,
    number: run.attempts,
    outcome: null,
    reason: null,
    startedAt: at,
    endedAt: null,
  };
  return { run, attempt };
}

function newProcess(
  { profile, launchKey }: { readonly profile: ReadyProfile } & Pick<PreparedLaunch, 'launchKey'>,
  session: SessionRow,
  id: ProcessRow['id'],
  at: string,
  turn: { readonly run: RunRow; readonly attempt: AttemptRow } | null,
): ProcessRow {
  const { driver, transport } = profile;
  return {
    id,
    sessionId: session.id,
    state: 'starting',
    driver: driver.name,
    openRunId: turn?.run.id ?? null,
    openAttemptId: turn?.attempt.id ?? null,
    outOffset: 0,
    errOffset: 0,
    stdinOffset: 0,
    driverState: writeDriverState(driver.initialState(session.nativeSessionId, id), driver),
    agentPid: null,
    transport,
    launchKey,
    idleSince: turn === null ? at : null,
    exitCode: null,
    exitSignal: null,
    startedAt: at,
    exitedAt: null,
  };
}
