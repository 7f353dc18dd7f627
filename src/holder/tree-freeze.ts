import { cgroupValue, readCgroupFile } from './cgroup-files.ts';
import { bootId } from './identity.ts';
import type { Identity } from './identity.ts';
import { descendantsIn, readProcessTable, readThreads, readWaitChannel } from './process-table.ts';

/**
 * Whether it is proved that nothing of a process's tree runs. False as long as there is a doubt: while it is being frozen, when one of it
 * was continued by somebody, and where nothing of it is left. A tree is thawed as soon as this is false.
 */
export function isFrozen(identity: Identity): boolean {
  if (identity.boot !== bootId()) return false;
  const events = identity.cgroup === null ? null : readCgroupFile(identity.cgroup, 'cgroup.events');
  if (events !== null) return cgroupValue(events, 'frozen') === 1;
  // Twice, because processes are looked at one after the other: a child that one had before it stopped may have been missed. It is there
  // when all are looked at again, and nobody who was seen standing can have had another since.
  return standsStill(identity) && standsStill(identity);
}

function standsStill({ holder }: Identity): boolean {
  const table = readProcessTable();
  if (!table.some(({ pid, start }) => pid === holder.pid && start === holder.start)) return false;
  const living = descendantsIn(table, holder.pid).filter(({ isAlive }) => isAlive);
  // A process shows the state of its first thread, which stops before the others have.
  return living.length > 0 && living.every(({ pid }) => readThreads(pid).every((thread) => isStill(pid, thread)));
}

/** Stopped (T), stopped by a debugger (t), dead (Z, X), or waiting in vfork until its child, which stands still, executes a program. */
function isStill(pid: number, { tid, state }: { readonly tid: number; readonly state: string }): boolean {
  return 'TtZX'.includes(state) || (state === 'D' && vforkWaits.has(readWaitChannel(pid, tid) ?? ''));
}

/** In newer and in older kernels; depends on what the compiler has inlined. */
const vforkWaits: ReadonlySet<string> = new Set(['kernel_clone', 'wait_for_vfork_done', '_do_fork']);
