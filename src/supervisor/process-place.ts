import { join } from 'node:path';
import type { ProcessId } from '../contracts/ids.ts';

/** Where a process has its files. */
export function processDirectory(dataDir: string, id: ProcessId): string {
  return join(dataDir, 'processes', id);
}

/** The cgroup of a process and all that descends from it. */
export function processCgroup(root: string | null, id: ProcessId): string | null {
  return root === null ? null : join(root, id);
}
