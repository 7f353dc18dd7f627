import { cgroupMembers, cgroupValue, readCgroupFile } from './cgroup-files.ts';
import { bootId } from './identity.ts';
import type { Identity } from './identity.ts';
import type { ProcessStat } from './process-table.ts';
import { descendantsIn, readProcessTable, readResidentBytes, ticksPerSecond } from './process-table.ts';

/** What a process's whole tree uses, read at one moment; the holder itself is not part of it. */
export interface TreeUsage {
  /**
   * User and system time used so far, by the dead too, in milliseconds. With a cgroup it only grows, and is exact to a microsecond.
   * Without one it has steps of 10 ms and may fall: where a parent does not wait for its children, their time is forgotten with them,
   * and who dies while the tree is read may be missed once or counted twice.
   */
  readonly cpuMs: number;
  /**
   * What is in memory, in bytes. The sum of the resident sets: what processes share counts for each of them. Where the cgroup has a
   * memory controller, what the kernel charges to it instead: shared pages once, and the cached pages of files as well.
   */
  readonly memoryBytes: number;
  /** How many are alive. */
  readonly processes: number;
}

/**
 * Null where nothing of the tree is left, or where the machine has been started anew since. `processes` are those to look among where there
 * is no cgroup.
 */
export function readTreeUsage(
  identity: Identity,
  processes: () => readonly ProcessStat[] = readProcessTable,
): TreeUsage | null {
  if (identity.boot !== bootId()) return null;
  return identity.cgroup === null ? usageBelow(identity, processes) : usageOfCgroup(identity.cgroup);
}

/**
 * Whether a tree did real work from one look to the next, `elapsedMs` apart. Not "any CPU": an event loop with nothing to do but a timer
 * burns some too, which the exact counter of a cgroup shows.
 */
export function hasWorked(
  before: Pick<TreeUsage, 'cpuMs'>,
  after: Pick<TreeUsage, 'cpuMs'>,
  elapsedMs: number,
): boolean {
  return after.cpuMs - before.cpuMs > elapsedMs * idleShare;
}

/** Of one processor. Node with a timer every second takes 0.03 % (measured); a build, or one that unpacks what it loads, far more. */
const idleShare = 0.01;

/** Looks at nothing but the group and its members: the machine may have thousands of other processes. */
function usageOfCgroup(cgroup: string): TreeUsage | null {
  const members = cgroupMembers(cgroup);
  // There without the cpu controller too, and for all groups below: every cgroup counts its time.
  const cpuUs = cgroupValue(readCgroupFile(cgroup, 'cpu.stat') ?? '', 'usage_usec');
  if (members.size === 0 || cpuUs === null) return null;
  const charged = readCgroupFile(cgroup, 'memory.current');
  const memoryBytes = charged === null ? residentBytes(members) : Number(charged);
  return { cpuMs: cpuUs / 1000, memoryBytes, processes: members.size };
}

function usageBelow({ holder }: Identity, processes: () => readonly ProcessStat[]): TreeUsage | null {
  const table = processes();
  const top = table.find(({ pid, start }) => pid === holder.pid && start === holder.start);
  if (top === undefined) return null;
  const tree = descendantsIn(table, holder.pid);
  const living = tree.filter(({ isAlive }) => isAlive).map(({ pid }) => pid);
  if (living.length === 0) return null;
  // Whoever waits for a process takes over its time. Orphans are waited for by the holder, and zombies have yet to be: so none is lost.
  const ticks = tree.reduce((sum, { cpuTicks, childCpuTicks }) => sum + cpuTicks + childCpuTicks, top.childCpuTicks);
  return { cpuMs: (ticks * 1000) / ticksPerSecond, memoryBytes: residentBytes(living), processes: living.length };
}

function residentBytes(pids: Iterable<number>): number {
  return [...pids].reduce((sum, pid) => sum + readResidentBytes(pid), 0);
}

/** All processes as they were a moment ago: whoever looks at many trees need not read the table for each. */
export function recentProcesses(): readonly ProcessStat[] {
  const at = performance.now();
  if (recent === null || at - recent.at > recentMs) recent = { table: readProcessTable(), at };
  return recent.table;
}

const recentMs = 250;
let recent: { readonly table: ProcessStat[]; readonly at: number } | null = null;
