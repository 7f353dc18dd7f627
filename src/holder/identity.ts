import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Layout } from './layout.ts';
import { processFiles } from './process-directory.ts';
import { readStat } from './process-table.ts';
import { readRecord } from './read-record.ts';

/** One process and no other: a pid alone comes back with a stranger behind it. */
export const ProcessIdentity = z.object({ pid: z.int().positive(), start: z.int().nonnegative() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** What the holder writes before it lets the agent execute. */
export const Identity = z.object({
  ...Layout.shape,
  holder: ProcessIdentity,
  agent: ProcessIdentity,
  /** Boot id of the machine: after a reboot both pid and start time may belong to others. */
  boot: z.string(),
  /** Whether even root cannot truncate the logs. */
  append_only: z.boolean(),
  cgroup: z.string().nullable(),
});
export type Identity = z.infer<typeof Identity>;

/** Null where the agent was never executed. Throws `newer_layout` where only a newer release knows. */
export function readIdentity(directory: string): Identity | null {
  return readRecord(processFiles(directory).pid, Identity);
}

/** Of this start of the machine; it cannot change under a process. */
export function bootId(): string {
  return (ownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

let ownBootId: string | undefined;

/** Start time of a process in clock ticks since boot; null where there is none with this pid. */
export function processStart(pid: number): number | null {
  return readStat(pid)?.start ?? null;
}

/** True only for the very process that was recorded: same boot, same pid, same start, and not a zombie. */
export function isAlive({ pid, start }: ProcessIdentity, boot: string): boolean {
  const stat = boot === bootId() ? readStat(pid) : null;
  return stat !== null && stat.isAlive && stat.start === start;
}
