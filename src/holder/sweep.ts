import { readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessId } from '../contracts/ids.ts';
import type { Clock } from '../kernel/clock.ts';
import { systemClock } from '../kernel/clock.ts';
import type { ProcessStat } from './process-table.ts';
import { readEnvironment, readProcessTable, readStat } from './process-table.ts';
import { isSystemError } from './system-error.ts';

/*
 * The auditor of last resort, for trees whose holder was lost. Every agent is started with a cookie in its environment, which its
 * descendants inherit and cannot take out of `/proc/<pid>/environ` without executing another program.
 */

const cookieName = 'DROVER_PROCESS_ID';
const pauseMs = 5;

/** Pids of all living processes that carry a cookie, by the process they belong to. Holders carry none. */
export function findByCookie(): Map<ProcessId, number[]> {
  const found = new Map<ProcessId, number[]>();
  for (const { pid, isAlive } of readProcessTable()) {
    const id = isAlive ? cookieOf(pid) : null;
    if (id !== null) found.set(id, [...(found.get(id) ?? []), pid]);
  }
  return found;
}

export interface KillTreeOptions {
  /** Path of the process's cgroup: what is in it is killed too, cookie or not, and it is removed. @default null */
  readonly cgroup?: string | null;
  /** Never to be signalled; this process never is. */
  readonly exceptPids?: readonly number[];
  /** How long to go on when the tree does not get empty. @default 5000 */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/**
 * Kills all that is left of a process whose holder is gone, again until nothing is left; returns the pids that were signalled. A tree
 * is made to stand still before it is killed, so that it cannot fork faster than we find it.
 */
export async function killTree(processId: ProcessId, options: KillTreeOptions = {}): Promise<number[]> {
  const { cgroup = null, exceptPids = [], timeoutMs = 5_000, clock = systemClock } = options;
  const except = new Set([...exceptPids, process.pid]);
  const killed = new Set<number>();
  const stopped = new Set<string>();
  const deadline = clock.monotonic() + timeoutMs;
  do {
    // Looking through all processes takes its time; with many trees to sweep, others must have their turn.
    await clock.sleep(0);
    if (cgroup !== null) killCgroup(cgroup);
    const tree = treeOf(processId, except);
    if (tree.length === 0) break;
    const fresh = tree.filter(({ pid, start }) => !stopped.has(`${pid} ${start}`));
    for (const stat of fresh) {
      stopped.add(`${stat.pid} ${stat.start}`);
      sendTo(stat, 'SIGSTOP');
    }
    if (fresh.length > 0) continue;
    for (const stat of tree) {
      killed.add(stat.pid);
      sendTo(stat, 'SIGKILL');
    }
    await clock.sleep(pauseMs);
  } while (clock.monotonic() < deadline);
  if (cgroup !== null) await removeCgroup(cgroup, clock, deadline);
  return [...killed];
}

function cookieOf(pid: number): ProcessId | null {
  const cookie = readEnvironment(pid)?.find((variable) => variable.startsWith(`${cookieName}=`));
  return ProcessId.safeParse(cookie?.slice(cookieName.length + 1)).data ?? null;
}

/** The carriers of the cookie, and their descendants, which may have scrubbed it. */
function treeOf(processId: ProcessId, except: ReadonlySet<number>): ProcessStat[] {
  const table = readProcessTable().filter(({ isAlive }) => isAlive);
  const tree = new Set(table.filter(({ pid }) => !except.has(pid) && cookieOf(pid) === processId));
  // A set hands out what is added while it is gone through: so this reaches grandchildren.
  for (const { pid } of tree) {
    for (const child of table) if (child.parent === pid && !except.has(child.pid)) tree.add(child);
  }
  return [...tree];
}

/** A pid whose owner changed since it was looked up is left alone. */
function sendTo({ pid, start }: ProcessStat, signal: NodeJS.Signals): void {
  if (readStat(pid)?.start !== start) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isSystemError(error, 'ESRCH', 'EPERM')) throw error;
  }
}

function killCgroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENODEV', 'EACCES', 'EPERM', 'EROFS', 'EOPNOTSUPP')) throw error;
  }
}

/** A cgroup is busy until its last task has gone; the groups that the agent made in it go first. */
async function removeCgroup(path: string, clock: Clock, deadline: number): Promise<void> {
  do {
    try {
      for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }).reverse()) {
        if (entry.isDirectory()) rmdirSync(join(entry.parentPath, entry.name));
      }
      rmdirSync(path);
      return;
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return;
      if (!isSystemError(error, 'EBUSY')) throw error;
    }
    await clock.sleep(pauseMs);
  } while (clock.monotonic() < deadline);
}
