import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { isPunched } from './punch.ts';
import { DamagedFrame } from './sealed-frame.ts';
import { SealedLog } from './sealed-log.ts';

export interface LogRange {
  readonly path: string;
  readonly sealedPath: string;
  /** First and last byte of the log, both included. */
  readonly first: number;
  readonly last: number;
}

const chunkBytes = 256 * 1024;

/**
 * Reads a part of a log, what is sealed of it from its frames, also while the log is being sealed; holds one frame in memory. Closes the
 * log. Throws DamagedFrame before it would hand out what the agent did not write.
 */
export async function* readLogRange(log: FileHandle, range: LogRange): AsyncGenerator<Buffer, void> {
  await using _closed = log;
  using sealed = new SealedLog(range.sealedPath);
  for (let position = range.first; position <= range.last;) {
    const bytes = (await fromFrame(sealed, log, position)) ?? (await fromLog(sealed, log, range.path, position));
    // It was sealed, and may have been punched, while it was read from the log.
    if (bytes === 'sealed meanwhile') continue;
    if (bytes.length === 0) throw new Error(`The log "${range.path}" has become shorter than ${position} bytes`);
    yield bytes.subarray(0, range.last + 1 - position);
    position += bytes.length;
  }
}

async function fromFrame(sealed: SealedLog, log: FileHandle, position: number): Promise<Buffer | null> {
  sealed.refresh();
  const frame = sealed.frameAt(position);
  // A log that is shorter than what is sealed was cut short, and is another one now.
  if (frame === undefined || (await log.stat()).size < sealed.end) return null;
  return (await sealed.read(frame)).subarray(position - frame.start);
}

async function fromLog(
  sealed: SealedLog,
  log: FileHandle,
  path: string,
  position: number,
): Promise<Buffer | 'sealed meanwhile'> {
  const { bytesRead, buffer } = await log.read({ buffer: Buffer.allocUnsafe(chunkBytes), position });
  const before = sealed.end;
  sealed.refresh();
  // Retention may have taken the directory away, and the frames with it: what is open of the log may be nothing but a hole.
  const [there, ours] = await Promise.all([stat(path).catch(() => null), log.stat()]);
  if (there?.ino !== ours.ino) throw new Error(`The log "${path}" is no longer there`);
  if (sealed.end > before && position < sealed.end) return 'sealed meanwhile';
  if (sealed.hasBrokenEnd && (await isPunched(log, position))) {
    throw new DamagedFrame(`The bytes from ${position} on were sealed in "${sealed.path}", which is damaged`);
  }
  return buffer.subarray(0, bytesRead);
}
