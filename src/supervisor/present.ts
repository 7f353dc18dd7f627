import { formatCursor } from '../contracts/cursor.ts';
import type { Run, Session } from '../contracts/resources.ts';
import type { RunRow, SessionRow } from '../store/rows.ts';

/** A session as the API shows it. */
export function presentSession(row: SessionRow, generation: number, lastSeq: number): Session {
  return {
    id: row.id,
    profile: row.profile,
    workspace: { path: row.workspacePath },
    nativeSessionId: row.nativeSessionId,
    createdAt: row.createdAt,
    cursor: formatCursor(generation, lastSeq),
  };
}

/** A run as the API shows it. */
export function presentRun(row: RunRow, profile: string): Run {
  return {
    id: row.id,
    sessionId: row.sessionId,
    profile,
    state: row.state,
    since: row.since,
    reason: row.reason,
    message: row.message,
    prompt: row.prompt,
    answer: row.answer,
    answerSource: row.answerSource,
    usage: row.usage,
    attempts: row.attempts,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  };
}
