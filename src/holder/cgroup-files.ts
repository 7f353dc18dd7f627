import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from './system-error.ts';

/** A file of a cgroup (v2), such as "cgroup.events"; null where the group is gone or has no such file. */
export function readCgroupFile(cgroup: string, file: string): string | null {
  try {
    return readFileSync(join(cgroup, file), 'utf8');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** The number behind a key in a file of lines such as "usage_usec 735067"; null where there is none. */
export function cgroupValue(text: string, key: string): number | null {
  const line = text.split('\n').find((entry) => entry.startsWith(`${key} `));
  return line === undefined ? null : Number(line.slice(key.length + 1));
}

/** Pids of the processes in a cgroup and in the groups that were made in it; none where it is gone. Zombies are in none. */
export function cgroupMembers(cgroup: string): Set<number> {
  const own = (readCgroupFile(cgroup, 'cgroup.procs') ?? '').split('\n').filter((line) => line !== '');
  const below = groupsIn(cgroup).flatMap((child) => [...cgroupMembers(child)]);
  return new Set([...own.map(Number), ...below]);
}

function groupsIn(cgroup: string): string[] {
  try {
    const entries = readdirSync(cgroup, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(cgroup, name));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** ENODEV: removed since it was opened. EOPNOTSUPP: of threads only, whose processes are listed further up. */
function isGone(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP', 'EACCES', 'EPERM');
}
