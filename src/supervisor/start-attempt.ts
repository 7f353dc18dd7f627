import { mkdir } from 'node:fs/promises';
import type { Conclusion, Launch, LaunchSpec } from '../agents/driver.ts';
import type { AppendedEvent } from '../log/event-log.ts';
import { toTimestamp } from '../kernel/clock.ts';
import { failpoint } from '../kernel/failpoint.ts';
import { moveRun } from '../domain/run-states.ts';
import type { AttemptRow, ProcessRow, RunRow, SessionRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';
import type { Parts } from './parts.ts';
import { failed } from './process-end.ts';
import { processDirectory } from './process-place.ts';
import type { Profiles, ReadyProfile } from './profiles.ts';
import { locateAgent } from './profiles.ts';
import { SupervisedProcess, writeDriverState } from './supervised-process.ts';
import { Turn } from './turn.ts';

export interface AttemptHooks {
  readonly profiles: Profiles;
  readonly onLive: (process: SupervisedProcess) => void;
  readonly onExited: (process: SupervisedProcess) => void;
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
    return endUnstarted(
      parts,
      queued,
      failed('agent_not_found', `The profile "${session.profile}" is no longer configured`),
    );
  }
  const located = locateAgent(profile, parts.host);
  if (located.path === null) return endUnstarted(parts, queued, failed('agent_not_found', located.problem));

  const at = toTimestamp(parts.clock);
  const processId = parts.newId('prc');
  const run: RunRow = {
    ...queued,
    state: moveRun(queued.state, 'starting'),
    since: at,
    startedAt: at,
    attempts: queued.attempts + 1,
  };
  const attempt: AttemptRow = {
    id: parts.newId('att'),
    runId: run.id,
    sessionId: session.id,
    processId,
    number: run.attempts,
    outcome: null,
    reason: null,
    startedAt: at,
    endedAt: null,
  };
  const row = newProcess(profile, session, attempt, at);
  await mkdir(processDirectory(parts.config.dataDir, processId), { recursive: true, mode: 0o700 });
  const turn = new Turn(run, attempt);
  const process = new SupervisedProcess({
    parts,
    row,
    session,
    profile,
    turn,
    onExited: hooks.onExited,
  });
  const messages = process.firstMessages(profile.driver.prompt({ key: turn.key, prompt: run.prompt }));
  hooks.onLive(process);
  const { state, since, startedAt, attempts } = run;
  const ids = { runId: run.id, attemptId: attempt.id };
  await parts.log.append({
    sessionId: session.id,
    isDurable: true,
    events: [
      { type: 'run.started', data: {}, runId: run.id },
      { type: 'attempt.started', data: { number: attempt.number, processId }, ...ids },
    ],
    writes: [
      { table: 'runs', id: run.id, patch: { state, since, startedAt, attempts } },
      { table: 'processes', insert: row },
      { table: 'attempts', insert: attempt },
      ...messages,
    ],
  });
  failpoint('attempt-committed');
  await process.launch(launchOf(parts, profile, session, located.path), messages);
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

/** Ends a run of which no attempt was made. */
export async function endUnstarted(
  parts: Pick<Parts, 'log' | 'clock'>,
  run: RunRow,
  conclusion: Omit<Conclusion, 'outcome'> & { readonly outcome: 'failed' | 'canceled' },
): Promise<void> {
  const at = toTimestamp(parts.clock);
  const { outcome, reason, message, answer, answerSource } = conclusion;
  const events: AppendedEvent[] = [
    { type: 'run.ended', data: { outcome, reason, message, answer, answerSource }, runId: run.id },
  ];
  const patch = { state: moveRun(run.state, outcome), since: at, endedAt: at, reason, message, answer, answerSource };
  const writes: Write[] = [{ table: 'runs', id: run.id, patch: { ...patch, requestedVerb: null } }];
  await parts.log.append({ sessionId: run.sessionId, events, writes, isDurable: true });
}

function newProcess(profile: ReadyProfile, session: SessionRow, attempt: AttemptRow, at: string): ProcessRow {
  return {
    id: attempt.processId,
    sessionId: session.id,
    state: 'starting',
    driver: profile.driver.name,
    openRunId: attempt.runId,
    openAttemptId: attempt.id,
    outOffset: 0,
    errOffset: 0,
    stdinOffset: 0,
    driverState: writeDriverState(profile.driver.initialState(session.nativeSessionId), profile.driver),
    agentPid: null,
    exitCode: null,
    exitSignal: null,
    startedAt: at,
    exitedAt: null,
  };
}
