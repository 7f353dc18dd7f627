import type { Event, EventData } from '../contracts/events.ts';
import type { TranscriptPermission } from './transcript-shape.ts';

type Permissions = readonly TranscriptPermission[];

/** What agents asked for after one more event; the same array where it concerns none. */
export function applyToPermissions(permissions: Permissions, event: Event): Permissions {
  switch (event.type) {
    case 'permission.requested':
      return withQuestion(permissions, event.runId ?? null, event.data);
    case 'permission.resolved': {
      const { permissionId, decision, by, rule = null } = event.data;
      return permissions.map((one) => (one.permissionId === permissionId ? { ...one, decision, by, rule } : one));
    }
    case 'run.resumed':
      return (event.data.deadlines ?? []).reduce<Permissions>(
        (all, { permissionId, deadlineAt }) =>
          all.map((one) => (one.permissionId === permissionId ? { ...one, deadlineAt } : one)),
        permissions,
      );
    default:
      return permissions;
  }
}

/** An agent may repeat itself, which tells nothing new of what is known to wait. */
function withQuestion(
  permissions: Permissions,
  runId: string | null,
  data: EventData<'permission.requested'>,
): Permissions {
  const { permissionId, toolCallId, title, rawInput = null, deadlineAt = null, otherwise = null } = data;
  const known = permissions.find((one) => one.permissionId === permissionId);
  if (known?.decision === null && deadlineAt === null) return permissions;
  const asked = { permissionId, runId, toolCallId, title, rawInput, deadlineAt, otherwise };
  const others = permissions.filter((one) => one !== known);
  return [...others, { ...asked, decision: null, by: null, rule: null }];
}

/** Whether somebody is asked for something that the run cannot go on without. */
export function isWaiting(permissions: Permissions, ofRun: string | undefined): boolean {
  return permissions.some(
    ({ runId, decision, deadlineAt }) => runId === ofRun && decision === null && deadlineAt !== null,
  );
}
