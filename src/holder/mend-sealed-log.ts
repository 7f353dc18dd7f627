import type { FileHandle } from 'node:fs/promises';
import { isPunched } from './punch.ts';
import { DamagedFrame, headerBytes } from './sealed-frame.ts';
import type { Frame, SealedLog } from './sealed-log.ts';

/**
 * Makes a sealed file fit to be added to. What a server that died has left of its last frame is cut off, for the log still has those
 * bytes: they go only when their frame is on disk. Where they have gone it is damage, and throws DamagedFrame.
 */
export async function mendSealedLog(sealed: SealedLog, file: FileHandle, log: FileHandle): Promise<void> {
  const { last } = sealed;
  const isLastGood = last === undefined || (await isReadable(sealed, last));
  if (!isLastGood || sealed.hasBrokenEnd) {
    const cut = isLastGood ? { start: sealed.end, place: sealed.fileEnd } : beginningOf(last);
    if (await isPunched(log, cut.start)) {
      throw new DamagedFrame(
        `The bytes of a log from ${cut.start} on are lost: they were sealed in "${sealed.path}", which is damaged`,
      );
    }
    await file.truncate(cut.place);
    sealed.refresh();
  }
  // Whoever wrote the last frame may have died before it was on disk.
  await file.sync();
}

function beginningOf({ start, place }: Frame): { start: number; place: number } {
  return { start, place: place - headerBytes };
}

async function isReadable(sealed: SealedLog, frame: Frame): Promise<boolean> {
  try {
    await sealed.read(frame);
    return true;
  } catch (error) {
    if (error instanceof DamagedFrame) return false;
    throw error;
  }
}
