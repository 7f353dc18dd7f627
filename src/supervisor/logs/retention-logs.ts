import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProcessId } from '../../contracts/ids.ts';
import { sealLogs } from '../../holder/seal.ts';
import type { Parts } from '../parts.ts';
import { processesDirectory } from '../process/process-place.ts';

export type LogRetentionParts = Pick<Parts, 'config' | 'store' | 'logger' | 'holderBinary'>;

/** The name of a directory on its way out: one that is half removed must not look like a process that wrote nothing. */
const removing = '.removing';

/**
 * Removes the directories of processes that ended before a time; resolves with how many. One that cannot be removed is said and tried
 * again next time. Stops where the signal aborts.
 */
export async function removeOldLogs(parts: LogRetentionParts, before: string, signal: AbortSignal): Promise<number> {
  const place = processesDirectory(parts.config.dataDir);
  let removed = 0;
  for (const name of await readdir(place).catch(() => [])) {
    if (signal.aborted) break;
    const directory = join(place, name);
    try {
      if (name.endsWith(removing)) await rm(directory, { recursive: true, force: true });
      else if (await isOld(parts, name, before)) {
        await remove(directory, parts.holderBinary);
        removed += 1;
      }
    } catch (error) {
      parts.logger.warn({ err: error, directory }, 'Could not remove the directory of an ended process');
    }
  }
  return removed;
}

/** What the store does not know is not ours to remove. */
async function isOld({ store }: LogRetentionParts, name: string, before: string): Promise<boolean> {
  const id = ProcessId.safeParse(name).data;
  const row = id === undefined ? null : await store.process(id);
  return row?.state === 'exited' && row.exitedAt !== null && row.exitedAt < before;
}

async function remove(directory: string, holderBinary: string): Promise<void> {
  await sealLogs(holderBinary, directory);
  const onItsWayOut = `${directory}${removing}`;
  await rename(directory, onItsWayOut);
  await rm(onItsWayOut, { recursive: true, force: true });
}
