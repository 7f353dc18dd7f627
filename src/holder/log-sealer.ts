import type { FileHandle } from 'node:fs/promises';
import { constants, open } from 'node:fs/promises';
import { failpoint } from '../kernel/failpoint.ts';
import { mendSealedLog } from './mend-sealed-log.ts';
import { processFiles } from './process-directory.ts';
import { punchLog } from './punch.ts';
import { raiseLayout } from './raise-layout.ts';
import { encodeFrame, frameBytes } from './sealed-frame.ts';
import { SealedLog } from './sealed-log.ts';

export interface LogSealerOptions {
  /** Absolute path of the holder. */
  readonly binary: string;
  /** Of the process. */
  readonly directory: string;
  readonly log: 'out' | 'err';
  /** Resolves when what is committed of the log is on disk: nothing is taken out of the log before. */
  readonly beforePunch: () => Promise<void>;
}

/** How far a log may be sealed. */
export interface SealingLimits {
  /** What lies before it has been read by who follows the log, and committed: it may be sealed. */
  readonly sealTo: number;
  /** The log does not grow any more: its last frame may hold less than the others. */
  readonly isEnded: boolean;
}

/** Then others have their turn. */
const framesPerTurn = 8;

/**
 * Seals one log: copies its bytes, frame by frame, to the sealed file beside it, and then gives back the space that they take in the
 * log. A frame is on disk before the next one is written and before its bytes go, so this may be cut off anywhere: what is not a whole
 * frame is written again from the log, which has its bytes, and what was not punched is punched the next time.
 */
export class LogSealer {
  readonly #options: LogSealerOptions;
  readonly #logPath: string;
  readonly #sealed: SealedLog;
  #isMended = false;
  #punchedTo = 0;

  constructor(options: LogSealerOptions) {
    const files = processFiles(options.directory);
    this.#options = options;
    this.#logPath = files[options.log];
    this.#sealed = new SealedLog(files[`${options.log}Sealed`]);
  }

  /** Seals as much as it may, for one turn; true where there is more. Throws CannotPunch, DamagedFrame, or as the file system does. */
  async seal({ sealTo, isEnded }: SealingLimits): Promise<boolean> {
    await using log = await open(this.#logPath, 'r');
    const { size } = await log.stat();
    this.#sealed.refresh();
    // Cut short: what is sealed is not of this log any more. Whoever reads the log finds out, and has sealing begin anew.
    if (size < this.#sealed.end) return false;
    // A small log is not worth a second file.
    const whole = isEnded && size > frameBytes ? size : wholeFrames(size);
    const end = Math.min(whole, isEnded ? whole : wholeFrames(sealTo));
    // Sealed whole, and written to since: nothing can follow its last frame.
    if (this.#sealed.end % frameBytes !== 0 && end > this.#sealed.end) return false;
    if (end > this.#sealed.end || (this.#sealed.isThere && !this.#isMended)) await this.#append(log, end);
    await this.#punch(Math.min(this.#sealed.end, end));
    return this.#sealed.end < end;
  }

  close(): void {
    this.#sealed.close();
    this.#isMended = false;
  }

  async #append(log: FileHandle, end: number): Promise<void> {
    raiseLayout(this.#options.directory);
    await using file = await open(this.#sealed.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#sealed.refresh();
    if (!this.#isMended || this.#sealed.hasBrokenEnd) await mendSealedLog(this.#sealed, file, log);
    this.#isMended = true;
    for (let count = 0; count < framesPerTurn && this.#sealed.end < end; count++) {
      const raw = await readFully(log, this.#sealed.end, Math.min(frameBytes, end - this.#sealed.end));
      // After a power loss a log must not be shorter than what is sealed of it.
      await log.datasync();
      const place = this.#sealed.fileEnd;
      try {
        await writeFully(file, await encodeFrame(raw), place);
        failpoint('frame-written');
        await file.datasync();
      } catch (error) {
        // Not known to be on disk, it must not be there for the next turn to punch by.
        await file.truncate(place);
        throw error;
      }
      // The names of the sealed file and of a raised record are on disk before the first byte goes.
      if (place === 0) await this.#syncDirectory();
      failpoint('frame-sealed');
      this.#sealed.refresh();
    }
  }

  async #syncDirectory(): Promise<void> {
    await using directory = await open(this.#options.directory, 'r');
    await directory.sync();
  }

  async #punch(end: number): Promise<void> {
    if (end < this.#punchedTo) this.#punchedTo = 0;
    if (end === this.#punchedTo) return;
    const { binary, directory, log, beforePunch } = this.#options;
    await beforePunch();
    await punchLog(binary, directory, log, end);
    this.#punchedTo = end;
    failpoint('log-punched');
  }
}

function wholeFrames(length: number): number {
  return Math.max(0, Math.floor(length / frameBytes) * frameBytes);
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let count = 0; count < length;) {
    const { bytesRead } = await file.read(bytes, count, length - count, position + count);
    if (bytesRead === 0) throw new Error(`A log ended at ${position + count} while it was sealed`);
    count += bytesRead;
  }
  return bytes;
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let count = 0; count < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, count, bytes.length - count, position + count);
    count += bytesWritten;
  }
}
