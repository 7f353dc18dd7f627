import type { RunId, UserId } from '../../contracts/ids.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { AuditRow, SessionRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';

/** Who did what in a session; to be committed with the deed. */
export function auditEntry(
  { clock, newId }: Pick<Parts, 'clock' | 'newId'>,
  { id, tenantId }: Pick<SessionRow, 'id' | 'tenantId'>,
  entry: {
    readonly action: string;
    readonly runId: RunId | null;
    /** @default null: nobody in particular */
    readonly userId?: UserId | null;
    readonly detail: Readonly<Record<string, unknown>>;
  },
): AuditRow {
  return { id: newId('aud'), at: toTimestamp(clock), tenantId, sessionId: id, userId: null, ...entry };
}
