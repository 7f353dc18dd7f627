import { toTimestamp } from '../../kernel/clock.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { PermissionRow, RunRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Parts } from '../parts.ts';

/** What is committed for questions that nobody can answer any more, because their process is gone. */
export function withdrawal(
  { clock }: Pick<Parts, 'clock'>,
  rows: readonly PermissionRow[],
): { readonly events: AppendedEvent[]; readonly writes: Write[] } {
  const resolvedAt = toTimestamp(clock);
  return {
    events: rows.map(({ id, runId }) => {
      const data = { permissionId: id, decision: 'deny', by: 'agent' } as const;
      return { type: 'permission.resolved', data, runId };
    }),
    writes: rows.map(({ id }) => {
      return { table: 'permissions', id, patch: { decision: 'deny', by: 'agent', resolvedAt } };
    }),
  };
}

/** Withdraws what a run asked that has no process any more. */
export async function withdrawQuestions(parts: Pick<Parts, 'store' | 'log' | 'clock'>, run: RunRow): Promise<void> {
  for (const { processId } of await parts.store.attempts(run.id)) {
    const rows = await parts.store.pendingPermissions(processId);
    if (rows.length > 0) await parts.log.append({ sessionId: run.sessionId, ...withdrawal(parts, rows) });
  }
}
