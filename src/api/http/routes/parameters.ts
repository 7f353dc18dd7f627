import { z } from 'zod';
import { PermissionId, RunId, SessionId } from '../../../contracts/ids.ts';

/** Paths and queries that several routes share. */
export const SessionPath = z.strictObject({ sessionId: SessionId });

export const RunPath = z.strictObject({ runId: RunId });

export const PermissionPath = z.strictObject({ permissionId: PermissionId });

/** How many items to answer at most. */
export function limitOf(max: number, usual: number) {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(max)
    .default(usual)
    .describe(`At most this many; ${usual} where it is absent`);
}
