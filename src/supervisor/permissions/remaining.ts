import type { PermissionRow } from '../../store/rows.ts';

/** How long a question still waits at that moment, in milliseconds; never longer than it had, whatever the clock on the wall did. */
export function remainingMs(
  { requestedAt, deadlineAt }: Pick<PermissionRow, 'requestedAt' | 'deadlineAt'>,
  at: string,
): number {
  const whole = Date.parse(deadlineAt) - Date.parse(requestedAt);
  return Math.min(Math.max(0, Date.parse(deadlineAt) - Date.parse(at)), whole);
}
