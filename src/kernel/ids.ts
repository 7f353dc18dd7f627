import { randomFillSync } from 'node:crypto';
import type { AttemptId, PermissionId, ProcessId, RunId, SessionId, TenantId, UserId } from '../contracts/ids.ts';
import type { Clock } from './clock.ts';

interface IdByPrefix {
  ten: TenantId;
  usr: UserId;
  ses: SessionId;
  run: RunId;
  att: AttemptId;
  prc: ProcessId;
  prm: PermissionId;
  /** Of an audit entry, by which nobody asks for it. */
  aud: string;
}

/** Makes ids such as `run_0199…`; a dependency like the clock, so that tests can make them predictable. */
export type NewId = <Prefix extends keyof IdByPrefix>(prefix: Prefix) => IdByPrefix[Prefix];

/** Prefixed UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. */
export function createIds(clock: Clock): NewId {
  const bytes = Buffer.alloc(16);
  return (prefix) => {
    randomFillSync(bytes, 6);
    bytes.writeUIntBE(clock.now(), 0, 6);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return `${prefix}_${uuid}` as never;
  };
}
