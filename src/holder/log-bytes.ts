import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import type { ByteSource } from './byte-source.ts';
import { isBlank, mayBeHole } from './punch.ts';
import { DamagedFrame } from './sealed-frame.ts';
import type { Frame } from './sealed-log.ts';
import { SealedLog } from './sealed-log.ts';
import { isSystemError } from './system-error.ts';

/**
 * All bytes of a log: what is sealed from its frames, what is not from the log itself. A reader at the end of the log never meets the
 * sealed part, which ends before what is stored of it; one that has to go back, after a power loss or to a restored database, does.
 */
export class LogBytes implements ByteSource {
  readonly #path: string;
  readonly #sealed: SealedLog;
  #fd: number | undefined;
  /** The last frame that was opened: the next read mostly wants more of it. */
  #opened: { readonly frame: Frame; readonly bytes: Buffer } | undefined;

  constructor(path: string, sealedPath: string) {
    this.#path = path;
    this.#sealed = new SealedLog(sealedPath);
  }

  read(buffer: Buffer, position: number): number {
    const fd = this.#open();
    if (fd === undefined) return 0;
    let count = 0;
    for (let frame = this.#frameAt(position); frame !== undefined && count < buffer.length;) {
      count += this.#bytesOf(frame).copy(buffer, count, position + count - frame.start);
      frame = this.#frameAt(position + count);
    }
    if (count === buffer.length) return count;
    const rest = readSync(fd, buffer, count, buffer.length - count, position + count);
    const isSuspect = this.#sealed.hasBrokenEnd && isBlank(buffer.subarray(count, count + rest));
    if (isSuspect && mayBeHole(fstatSync(fd), position + count)) {
      throw new DamagedFrame(
        `The bytes from ${position + count} on were sealed in "${this.#sealed.path}", which is damaged`,
      );
    }
    return count + rest;
  }

  size(): number | null {
    const fd = this.#open();
    return fd === undefined ? null : fstatSync(fd).size;
  }

  /** What was sealed of a log that is shorter now is not of its bytes any more; then sealing begins anew. */
  restart(): void {
    this.#sealed.refresh();
    if ((this.size() ?? 0) < this.#sealed.end) rmSync(this.#sealed.path, { force: true });
    this.#sealed.refresh();
    this.#opened = undefined;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#sealed.close();
    this.#opened = undefined;
  }

  #open(): number | undefined {
    if (this.#fd !== undefined) return this.#fd;
    try {
      this.#fd = openSync(this.#path, 'r');
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      return undefined;
    }
    // Once is enough: what is sealed from now on has been read by then.
    this.#sealed.refresh();
    return this.#fd;
  }

  #frameAt(position: number): Frame | undefined {
    const frame = this.#sealed.frameAt(position);
    return frame !== undefined && (this.size() ?? 0) >= this.#sealed.end ? frame : undefined;
  }

  #bytesOf(frame: Frame): Buffer {
    if (this.#opened?.frame !== frame) this.#opened = { frame, bytes: this.#sealed.readSync(frame) };
    return this.#opened.bytes;
  }
}
