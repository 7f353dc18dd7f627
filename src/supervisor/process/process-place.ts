import { join } from 'node:path';
import type { ProcessId } from '../../contracts/ids.ts';

/** Where all processes have theirs. */
export function processesDirectory(dataDir: string): string {
  return join(dataDir, 'processes');
}

/** Where a process has its files. */
export function processDirectory(dataDir: string, id: ProcessId): string {
  return join(processesDirectory(dataDir), id);
}

/** The cgroup of a process and all that descends from it. */
export function processCgroup(root: string | null, id: ProcessId): string | null {
  return root === null ? null : join(root, id);
}
