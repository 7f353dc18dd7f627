import { closeSync, fstatSync, openSync, read as readFile, readSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import type { FrameHeader } from './sealed-frame.ts';
import {
  DamagedFrame,
  decodeHeader,
  decodePayload,
  decodePayloadSync,
  frameBytes,
  headerBytes,
} from './sealed-frame.ts';
import { isSystemError } from './system-error.ts';

/** A frame and its places: of its first raw byte in the log, and of its payload in the sealed file. */
export interface Frame extends FrameHeader {
  readonly start: number;
  readonly place: number;
}

/**
 * The sealed part of a log, as far as it is whole: `out.sealed` beside `out.log`, frame after frame. Only the headers are read to know
 * where what is, a thousand of them for a gigabyte, and each of them once.
 */
export class SealedLog {
  readonly path: string;
  readonly #frames: Frame[] = [];
  #fd: number | undefined;
  #inode = 0;
  #hasBrokenEnd = false;

  constructor(path: string) {
    this.path = path;
  }

  /** The first byte of the log that is not sealed. */
  get end(): number {
    const last = this.#frames.at(-1);
    return last === undefined ? 0 : last.start + last.rawLength;
  }

  get isThere(): boolean {
    return this.#fd !== undefined;
  }

  /** Where the next frame goes, in the sealed file. */
  get fileEnd(): number {
    const last = this.#frames.at(-1);
    return last === undefined ? 0 : last.place + last.payloadLength;
  }

  get last(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** Behind the last whole frame there is something else: one that is being written, was never finished, or has been damaged. */
  get hasBrokenEnd(): boolean {
    return this.#hasBrokenEnd;
  }

  /** Takes note of what has been sealed since, or begun anew. */
  refresh(): void {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    if (stats?.ino !== this.#inode || stats.size < this.fileEnd) this.close();
    if (stats === undefined) return;
    this.#inode = stats.ino;
    this.#fd ??= openOrNothing(this.path);
    if (this.#fd !== undefined) this.#walk(this.#fd, fstatSync(this.#fd).size);
  }

  /** The frame that holds a byte of the log. */
  frameAt(position: number): Frame | undefined {
    return position < this.end ? this.#frames[Math.floor(position / frameBytes)] : undefined;
  }

  /** The raw bytes of a frame. Rejects with DamagedFrame where they are not what was sealed. */
  async read(frame: Frame): Promise<Buffer> {
    const payload = Buffer.allocUnsafe(frame.payloadLength);
    const { bytesRead } = await promisify(readFile)(this.#open(), payload, 0, payload.length, frame.place);
    return await decodePayload(frame, payload.subarray(0, bytesRead)).catch((error: unknown) =>
      this.#complain(frame, error),
    );
  }

  readSync(frame: Frame): Buffer {
    const payload = Buffer.allocUnsafe(frame.payloadLength);
    const count = readSync(this.#open(), payload, 0, payload.length, frame.place);
    try {
      return decodePayloadSync(frame, payload.subarray(0, count));
    } catch (error) {
      return this.#complain(frame, error);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#inode = 0;
    this.#frames.length = 0;
    this.#hasBrokenEnd = false;
  }

  #walk(fd: number, size: number): void {
    const bytes = Buffer.alloc(headerBytes);
    for (let at = this.fileEnd; at < size; at = this.fileEnd) {
      const header = decodeHeader(bytes.subarray(0, readSync(fd, bytes, 0, headerBytes, at)));
      const place = at + headerBytes;
      // Only the last frame may hold less than the others: a log that has ended does not go on.
      const isWhole = header !== null && place + header.payloadLength <= size && this.end % frameBytes === 0;
      this.#hasBrokenEnd = !isWhole;
      if (!isWhole) return;
      this.#frames.push({ ...header, start: this.end, place });
    }
    this.#hasBrokenEnd = false;
  }

  #open(): number {
    if (this.#fd === undefined) throw new Error(`"${this.path}" is not open`);
    return this.#fd;
  }

  #complain({ start, rawLength }: Frame, error: unknown): never {
    if (!(error instanceof DamagedFrame)) throw error;
    const what = `The bytes ${start} to ${start + rawLength - 1} of a log cannot be read from "${this.path}"`;
    throw new DamagedFrame(`${what}: ${error.message}`, { cause: error });
  }
}

function openOrNothing(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
