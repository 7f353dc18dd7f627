import { execFile } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The file system, or an older holder, cannot do it: then logs stay whole. */
export class CannotPunch extends Error {
  override readonly name = 'CannotPunch';
}

const usageStatus = 2;

/** Gives back the disk space of a log's first bytes, in whole blocks: they read as zeros then, while size and offsets stay. */
export async function punchLog(binary: string, directory: string, log: 'out' | 'err', length: number): Promise<void> {
  try {
    await promisify(execFile)(binary, ['punch', directory, log, String(length)]);
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number | string; stdout?: string; stderr?: string };
    // That a directory has gone is the holder's usage error, too.
    const isUnknown = code === usageStatus && stderr.includes('Unknown command');
    const errno = /^failed (\w+) punch/.exec(stdout)?.[1] ?? String(code);
    if (['EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'].includes(errno) || isUnknown) throw new CannotPunch(errno);
    throw new Error(`Could not punch ${log}.log in "${directory}" (${errno})`, { cause: error });
  }
}

/** What is punched is whole blocks; of an ended log, whose last block may not be one, all but that. */
const blockBytes = 4096;

/** Logs are punched from their beginning: with so much allocated, a hole cannot reach further. Some blocks are the file system's own. */
export function mayBeHole(
  { size, blocks }: { readonly size: number; readonly blocks: number },
  position: number,
): boolean {
  return position < size - blocks * 512 + 64 * 1024;
}

/** Whether a log has a hole here. */
export async function isPunched(log: FileHandle, position: number): Promise<boolean> {
  const { bytesRead, buffer } = await log.read({ buffer: Buffer.alloc(blockBytes), position });
  return bytesRead === blockBytes && isBlank(buffer) && mayBeHole(await log.stat(), position);
}

/** As the bytes of a hole are, and hardly ever those that an agent wrote. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.subarray(0, blockBytes).every((byte) => byte === 0);
}
