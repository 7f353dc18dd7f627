import { isDeepStrictEqual } from 'node:util';
import type { UserId } from '../../contracts/ids.ts';
import type { AnswerPermission, PermissionResolver } from '../../contracts/permission.ts';
import { GivenPolicy } from '../../contracts/policy.ts';
import { describeRule } from '../../domain/permissions/describe-rule.ts';
import { rulesOf } from '../../domain/permissions/policy-level.ts';
import { rememberedRule } from '../../domain/permissions/remembered-rule.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { PermissionRow, SessionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Parts } from '../parts.ts';
import { auditEntry } from './audit-entry.ts';

/** What is committed with an answer: who gave it, and the rule that it leaves behind where it is to hold from now on. */
export function answerWrites(
  parts: Pick<Parts, 'clock' | 'newId'>,
  session: SessionRow,
  row: PermissionRow,
  { decision, remember = false, updatedInput }: AnswerPermission,
  { by, userId }: { readonly by: PermissionResolver; readonly userId: UserId | null },
): { readonly session: SessionRow; readonly events: AppendedEvent[]; readonly writes: Write[] } {
  const rule = remember ? rememberedRule({ ...row, workspace: session.workspacePath }, decision) : null;
  if (remember && rule === null) {
    throw new AppError(
      'invalid_request',
      'No rule would say just what is asked here, so it cannot be remembered; leave out `remember`, or write a rule for the session',
    );
  }
  const detail = {
    permissionId: row.id,
    tool: row.tool,
    title: row.title,
    by,
    ...(updatedInput !== undefined && { isInputChanged: true }),
    ...(rule !== null && { remembered: describeRule(rule) }),
  };
  const entry = auditEntry(parts, session, { action: `permission.${decision}`, userId, runId: row.runId, detail });
  const audit: Write = { table: 'audit_entries', insert: entry };
  if (rule === null) return { session, events: [], writes: [audit] };
  const known = session.permissions === null ? [] : rulesOf(session.permissions);
  const permissions = [rule, ...known.filter((one) => !isDeepStrictEqual(one, rule))];
  const problem = GivenPolicy.safeParse(permissions).error?.issues[0]?.message;
  if (problem !== undefined) throw new AppError('invalid_request', `The answer cannot be remembered: ${problem}`);
  return {
    session: { ...session, permissions },
    events: [{ type: 'session.policy_changed', data: { permissions } }],
    writes: [audit, { table: 'sessions', id: session.id, patch: { permissions } }],
  };
}
