import { readIdentity } from '../holder/identity.ts';
import { processFiles } from '../holder/process-directory.ts';
import { findByCookie, killTree } from '../holder/sweep.ts';
import type { Timer } from '../kernel/clock.ts';
import { onceOnly } from '../kernel/lifecycle.ts';
import type { Lifecycle } from '../kernel/lifecycle.ts';
import type { Parts } from './parts.ts';
import { processCgroup, processDirectory } from './process-place.ts';

const everyMs = 30_000;

/**
 * The auditor of last resort: whatever carries the cookie of a process whose end is recorded should not be there, and is killed.
 * Cookies that this server's store does not know belong to another server, and are left alone.
 */
export function createAudit(parts: Pick<Parts, 'store' | 'clock' | 'logger' | 'cgroupRoot' | 'config'>): Lifecycle {
  let timer: Timer | undefined;
  let isStopped = false;

  const round = async () => {
    try {
      for (const id of findByCookie().keys()) {
        const row = await parts.store.process(id);
        if (row?.state !== 'exited') continue;
        const { directory } = processFiles(processDirectory(parts.config.dataDir, id));
        const cgroup = readIdentity(directory)?.cgroup ?? processCgroup(parts.cgroupRoot, id);
        const killed = await killTree(id, { cgroup });
        parts.logger.warn({ processId: id, killed }, 'Something of an ended process was still there; it is killed');
      }
    } catch (error) {
      parts.logger.error({ err: error }, 'The audit of left processes failed');
    }
    if (!isStopped) timer = parts.clock.setTimer(everyMs, () => void round());
  };

  return onceOnly({
    start: () => void round(),
    stop() {
      isStopped = true;
      timer?.cancel();
    },
  });
}
