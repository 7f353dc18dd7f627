import { mkdir } from 'node:fs/promises';
import type { Launch, LaunchSpec } from '../agents/driver.ts';
import { moveRun } from '../domain/run-states.ts';
import { toTimestamp } from '../kernel/clock.ts';
import { failpoint } from '../kernel/failpoint.ts';
import type { AttemptRow, ProcessRow, RunRow, SessionRow } from '../store/rows.ts';
import { writeDriverState } from './driver-state.ts';
import { endUnstarted } from './end-unstarted.ts';
import type { Parts } from './parts.ts';
import { failed } from './process-end.ts';
import { processDirectory } from './process-place.ts';
import type { Profiles, ReadyProfile } from './profiles.ts';
import { locateAgent } from './profiles.ts';
import type { ProcessHooks } from './process-hooks.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { Turn } from './turn.ts';

export interface AttemptHooks extends ProcessHooks {
  readonly profiles: Profiles;
  readonly onLive: (process: SupervisedProcess) => void;
}

/**
 * Starts the next attempt at a queued run. First everything is on disk, the attempt, its process and its messages; then the holder
 * is spawned. A server that dies in between leaves a process in state `starting`, which its successor starts or finds started.
 */
export async function startAttempt(parts: Parts, hooks: AttemptHooks, queued: RunRow): Promise<void> {
  const session = await parts.store.session(queued.sessionId);
  if (session === null) throw new Error(`Run ${queued.id} has no session`);
  const profile = hooks.profiles.get(session.profile);
  if (profile === undefined) {
    const message = `The profile "${session.profile}" is no longer configured`;
    return endUnstarted(parts, queued, failed('agent_not_found', message));
  }
  const located = locateAgent(profile, parts.host);
  if (located.path === null) return endUnstarted(parts, queued, failed('agent_not_found', located.problem));
  // All that can be refused is done before anything is promised.
  const launch = launchOf(parts, profile, session, located.path);

  const at = toTimestamp(parts.clock);
  const { run, attempt, row } = nextAttempt(parts, profile, session, queued, at);
  await mkdir(processDirectory(parts.config.dataDir, row.id), { recursive: true, mode: 0o700 });
  const turn = new Turn(run, attempt);
  const process = new SupervisedProcess({ parts, row, session, profile, turn, hooks });
  const messages = process.firstMessages(run.prompt);
  hooks.onLive(process);
  const { state, since, startedAt, attempts } = run;
  await parts.log.append({
    sessionId: session.id,
    isDurable: true,
    events: [
      { type: 'run.started', data: {}, runId: run.id },
      { type: 'attempt.started', data: { number: attempt.number, processId: row.id }, ...turn.ids },
    ],
    writes: [
      { table: 'runs', id: run.id, patch: { state, since, startedAt, attempts } },
      { table: 'processes', insert: row },
      { table: 'attempts', insert: attempt },
      ...messages,
    ],
  });
  failpoint('attempt-committed');
  await process.launch(launch, messages);
}

/** How the profile's agent is started for a session; the same again after a restart. */
export function launchOf(
  parts: Pick<Parts, 'host'>,
  profile: ReadyProfile,
  session: SessionRow,
  program: string,
): Launch {
  const spec: LaunchSpec<unknown> = {
    options: profile.options,
    host: parts.host,
    program,
    nativeSessionId: session.nativeSessionId,
  };
  return profile.driver.command(spec);
}

function nextAttempt(
  { newId }: Pick<Parts, 'newId'>,
  { driver }: ReadyProfile,
  session: SessionRow,
  queued: RunRow,
  at: string,
): { run: RunRow; attempt: AttemptRow; row: ProcessRow } {
  const state = moveRun(queued.state, 'starting');
  const run: RunRow = { ...queued, state, since: at, startedAt: at, attempts: queued.attempts + 1 };
  const attempt: AttemptRow = {
    id: newId('att'),
    runId: run.id,
    sessionId: session.id,
    processId: newId('prc'),
    number: run.attempts,
    outcome: null,
    reason: null,
    startedAt: at,
    endedAt: null,
  };
  const row: ProcessRow = {
    id: attempt.processId,
    sessionId: session.id,
    state: 'starting',
    driver: driver.name,
    openRunId: run.id,
    openAttemptId: attempt.id,
    outOffset: 0,
    errOffset: 0,
    stdinOffset: 0,
    driverState: writeDriverState(driver.initialState(session.nativeSessionId), driver),
    agentPid: null,
    exitCode: null,
    exitSignal: null,
    startedAt: at,
    exitedAt: null,
  };
  return { run, attempt, row };
}
