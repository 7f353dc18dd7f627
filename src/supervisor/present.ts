import { formatCursor } from '../contracts/cursor.ts';
import type { Permission, PermissionSummary } from '../contracts/permission.ts';
import type { AuditEntry, LiveRun, Run, RunPermissions, RunSummary, Session } from '../contracts/resources.ts';
import type { AuditRow, PermissionRow, RunRow, RunSummaryRow, SessionRow } from '../store/rows.ts';

/** A session as the API shows it. */
export function presentSession(
  row: SessionRow,
  cursor: { readonly generation: number; readonly lastSeq: number },
  process: Session['process'],
): Session {
  return {
    id: row.id,
    profile: row.profile,
    workspace: { path: row.workspacePath, isShared: row.workspaceIsShared },
    nativeSessionId: row.nativeSessionId,
    isPaused: row.pausedAt !== null,
    permissions: row.permissions,
    process,
    createdAt: row.createdAt,
    cursor: formatCursor(cursor.generation, cursor.lastSeq),
  };
}

/** What is known of a run beside its row. */
export interface RunView {
  readonly profile: string;
  readonly evidence: string;
  readonly queuePosition: number | null;
  readonly permissions: RunPermissions;
  readonly live: LiveRun | null;
}

/** A run as the API shows it. */
export function presentRun(row: RunRow, view: RunView): Run {
  const { permissions } = view;
  return { ...presentSummary(row, view), permissions, answer: row.answer, answerSource: row.answerSource };
}

/** A run as it stands in a list. */
export function presentSummary(
  row: RunSummaryRow,
  { profile, evidence, queuePosition, permissions: { isAllowAll, pending }, live }: RunView,
): RunSummary {
  return {
    id: row.id,
    sessionId: row.sessionId,
    profile,
    state: row.state,
    since: row.since,
    evidence,
    mode: row.mode,
    queuePosition,
    requestedVerb: row.requestedVerb,
    permissions: { isAllowAll, pending },
    live,
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

export function presentPermission(row: PermissionRow): Permission {
  const {
    tenantId: _tenant,
    userId: _user,
    processId: _process,
    nativeId: _native,
    isFullyKnown: _known,
    paths,
    ...shown
  } = row;
  return { ...shown, paths: [...paths] };
}

/** A permission as it stands in a list. */
export function presentPermissionSummary(row: PermissionRow): PermissionSummary {
  const { rawInput: _input, ...summary } = presentPermission(row);
  return summary;
}

export function presentAuditEntry({ id: _id, tenantId: _tenant, ...entry }: AuditRow): AuditEntry {
  return entry;
}
