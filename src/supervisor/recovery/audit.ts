import type { ProcessId } from '../../contracts/ids.ts';
import { readIdentity } from '../../holder/identity.ts';
import { isNewerLayout } from '../../holder/layout.ts';
import { findByCookie, killTree } from '../../holder/sweep.ts';
import type { Timer } from '../../kernel/clock.ts';
import { onceOnly } from '../../kernel/lifecycle.ts';
import type { Lifecycle } from '../../kernel/lifecycle.ts';
import type { Parts } from '../parts.ts';
import { processCgroup, processDirectory } from '../process/process-place.ts';

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
        const cgroup = cgroupOf(parts, id);
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

/** Where the holder made it; where only a newer release knows, it is looked for where we would have made it. */
function cgroupOf({ config, cgroupRoot }: Pick<Parts, 'config' | 'cgroupRoot'>, id: ProcessId): string | null {
  try {
    const recorded = readIdentity(processDirectory(config.dataDir, id))?.cgroup;
    return recorded ?? processCgroup(cgroupRoot, id);
  } catch (error) {
    if (isNewerLayout(error)) return processCgroup(cgroupRoot, id);
    throw error;
  }
}
