import type { AttemptId, ProcessId, RunId, SessionId } from '../../contracts/ids.ts';
import { systemClock } from '../../kernel/clock.ts';
import { createIds } from '../../kernel/ids.ts';
import type { AttemptRow, Owner, ProcessRow, RunRow, SessionRow } from '../rows.ts';

/** Rows for tests: valid, each with a new id, and different only where the test says so. */
export const exampleId = createIds(systemClock);

const at = '2026-01-02T03:04:05.678Z';

export function exampleSession(owner: Owner, id: SessionId = exampleId('ses')): SessionRow {
  return {
    ...owner,
    id,
    profile: 'scripted',
    workspacePath: '/work/space',
    workspaceIsShared: false,
    nativeSessionId: null,
    pausedAt: null,
    permissions: null,
    createdAt: at,
  };
}

export function exampleRun(owner: Owner, sessionId: SessionId, row: Partial<RunRow> = {}): RunRow {
  return {
    ...owner,
    id: exampleId('run'),
    sessionId,
    state: 'queued',
    since: at,
    prompt: 'Say "hello"',
    requestedVerb: null,
    mode: 'queue',
    replaces: null,
    position: 1,
    permissions: null,
    pausedMs: 0,
    endedFor: null,
    reason: null,
    message: null,
    answer: null,
    answerSource: null,
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
    attempts: 0,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    ...row,
  };
}

export function exampleProcess(sessionId: SessionId, row: Partial<ProcessRow> = {}): ProcessRow {
  return {
    id: exampleId('prc'),
    sessionId,
    state: 'running',
    driver: 'scripted',
    openRunId: null,
    openAttemptId: null,
    outOffset: 0,
    errOffset: 0,
    stdinOffset: 0,
    driverState: '{"version":1,"value":null}',
    agentPid: null,
    transport: 'pipe',
    launchKey: '',
    idleSince: null,
    exitCode: null,
    exitSignal: null,
    startedAt: at,
    exitedAt: null,
    ...row,
  };
}

export function exampleAttempt(
  place: { sessionId: SessionId; runId: RunId; processId: ProcessId },
  row: Partial<AttemptRow> & { id?: AttemptId } = {},
): AttemptRow {
  return {
    id: exampleId('att'),
    ...place,
    number: 1,
    outcome: null,
    reason: null,
    startedAt: at,
    endedAt: null,
    ...row,
  };
}
