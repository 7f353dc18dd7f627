import { formatCursor } from '../contracts/cursor.ts';
import type { Run, RunSummary, Session } from '../contracts/resources.ts';
import type { RunRow, RunSummaryRow, SessionRow } from '../store/rows.ts';

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
  return { ...presentSummary(row, profile), answer: row.answer, answerSource: row.answerSource };
}

/** A run as it stands in a list. */
export function presentSummary(row: RunSummaryRow, profile: string): RunSummary {
  return {
    id: row.id,
    sessionId: row.sessionId,
    profile,
    state: row.state,
    since: row.since,
    reason: row.reason,
    message: row.message,
    prompt: row.prompt,
    usage: row.usage,
    attempts: row.attempts,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  };
}
