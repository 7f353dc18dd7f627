import { z } from 'zod';

/**
 * Identifiers: a three-letter prefix and a UUIDv7, branded so that a run's id cannot stand where a session's is due.
 * They sort roughly by creation, but nothing may depend on that: events are ordered by `seq`.
 */
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

const id = <Brand extends string>(prefix: string, _brand: Brand) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_${uuid}$`), { error: `Expected an id of the form "${prefix}_…"` })
    .brand<Brand>();

export const TenantId = id('ten', 'TenantId');
export type TenantId = z.infer<typeof TenantId>;

export const UserId = id('usr', 'UserId');
export type UserId = z.infer<typeof UserId>;

export const SessionId = id('ses', 'SessionId');
export type SessionId = z.infer<typeof SessionId>;

export const RunId = id('run', 'RunId');
export type RunId = z.infer<typeof RunId>;

export const AttemptId = id('att', 'AttemptId');
export type AttemptId = z.infer<typeof AttemptId>;

export const ProcessId = id('prc', 'ProcessId');
export type ProcessId = z.infer<typeof ProcessId>;

export const PermissionId = id('prm', 'PermissionId');
export type PermissionId = z.infer<typeof PermissionId>;
