import { readdir, stat } from 'node:fs/promises';
import { ProcessId } from '../../contracts/ids.ts';
import { readIdentity } from '../../holder/identity.ts';
import { isNewerLayout } from '../../holder/layout.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import { processFiles } from '../../holder/process-directory.ts';
import { frameBytes } from '../../holder/sealed-frame.ts';
import type { Parts } from '../parts.ts';
import { processDirectory, processesDirectory } from '../process/process-place.ts';

/** Of an ended log that is sealed whole a block may be left, and what the file system needs to know where it is. */
const negligibleBytes = 64 * 1024;

/** The processes that have ended and whose logs an earlier server could not seal whole any more. */
export async function* findUnsealed(
  parts: Pick<Parts, 'store' | 'config' | 'logger'>,
  signal: AbortSignal,
): AsyncGenerator<ProcessFiles, void> {
  for (const name of await readdir(processesDirectory(parts.config.dataDir)).catch(() => [])) {
    if (signal.aborted) return;
    const id = ProcessId.safeParse(name).data;
    if (id === undefined) continue;
    const files = processFiles(processDirectory(parts.config.dataDir, id));
    try {
      const isWorthIt = (await isLarge(files.out)) || (await isLarge(files.err));
      if (isWorthIt && isUnderstood(files) && (await parts.store.process(id))?.state === 'exited') yield files;
    } catch (error) {
      parts.logger.warn(
        { err: error, processId: id },
        'Could not find out whether logs are to be sealed; passing over',
      );
    }
  }
}

async function isLarge(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats !== null && stats.size > frameBytes && stats.blocks * 512 > negligibleBytes;
}

function isUnderstood({ directory }: ProcessFiles): boolean {
  try {
    return readIdentity(directory) !== null;
  } catch (error) {
    if (isNewerLayout(error)) return false;
    throw error;
  }
}
