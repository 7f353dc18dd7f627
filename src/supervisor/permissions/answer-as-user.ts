import type { AnswerPermission } from '../../contracts/permission.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { Owner, PermissionRow } from '../../store/rows.ts';
import type { Execution } from '../execution.ts';
import type { Parts } from '../parts.ts';
import { auditEntry } from './audit-entry.ts';

/**
 * A user's answer to a question. The first answer counts; one that comes later, to a question that is decided, is refused and recorded
 * all the same: who tried to allow what should be known.
 */
export async function answerAsUser(
  parts: Pick<Parts, 'store' | 'log' | 'clock' | 'newId'>,
  execution: Pick<Execution, 'answer'>,
  { userId }: Owner,
  row: PermissionRow,
  answer: AnswerPermission,
): Promise<PermissionRow> {
  refuseNonsense(answer);
  try {
    if (row.decision !== null) throw new AppError('already_resolved', 'It is decided');
    return await execution.answer(row, answer, userId);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'already_resolved') throw error;
  }
  await recordRefusal(parts, userId, row, { by: 'user', answer: answer.decision });
  // The answer that came first may still have been on its way to the disk.
  const { decision, by } = (await parts.store.permission(row.id)) ?? row;
  throw new AppError('already_resolved', `The permission "${row.id}" is decided: ${decision} (by ${by})`, {
    decision,
    by,
  });
}

function refuseNonsense({ decision, updatedInput, message, remember }: AnswerPermission): void {
  const problem =
    decision === 'deny' && updatedInput !== undefined
      ? '`updatedInput` makes sense only with "allow"'
      : decision === 'allow' && message !== undefined
        ? '`message` makes sense only with "deny"'
        : remember === true && updatedInput !== undefined
          ? '`remember` would hold for what the agent asked for, not for `updatedInput`; leave one of them out'
          : updatedInput !== undefined && !isJson(updatedInput)
            ? '`updatedInput` is nested too deeply'
            : null;
  if (problem !== null) throw new AppError('invalid_request', problem);
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

/** Somebody answered what is another's: he is told that there is nothing, and its owner can find out that he tried. */
export async function recordStranger(
  parts: Pick<Parts, 'log' | 'clock' | 'newId' | 'logger'>,
  { userId }: Owner,
  row: PermissionRow | null,
): Promise<void> {
  if (row === null) return;
  await recordRefusal(parts, userId, row, { by: 'stranger' }).catch((error: unknown) =>
    parts.logger.error({ err: error, permissionId: row.id }, 'Could not record who tried to answer a permission'),
  );
}

async function recordRefusal(
  parts: Pick<Parts, 'log' | 'clock' | 'newId'>,
  userId: Owner['userId'],
  { id: permissionId, tool, title, sessionId, tenantId, runId }: PermissionRow,
  how: Readonly<Record<string, unknown>>,
): Promise<void> {
  const entry = auditEntry(
    parts,
    { id: sessionId, tenantId },
    { action: 'permission.refused', userId, runId, detail: { permissionId, tool, title, ...how } },
  );
  const writes = [{ table: 'audit_entries', insert: entry } as const];
  await parts.log.append({ sessionId, isDurable: true, events: [], writes });
}
