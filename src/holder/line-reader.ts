import type { ByteSource } from './byte-source.ts';

/** A line of an agent's log, with the bytes it came from. */
export interface LogLine {
  /** First byte of the line in the file. */
  readonly offset: number;
  /** In bytes, line end included. */
  readonly length: number;
  /** Without line end, invalid UTF-8 replaced; null where the line is longer than the limit: then `offset` and `length` must do. */
  readonly text: string | null;
}

export interface LinesRead {
  readonly lines: readonly LogLine[];
  /** The budget was used up: there may be more. */
  readonly hasMore: boolean;
  /** The file is shorter than what was read already: the reader goes on from its new end. */
  readonly truncated: { readonly expectedBytes: number; readonly foundBytes: number } | null;
}

export interface LineReaderOptions {
  /** That are handed out at once: a file of empty lines has as many of them as bytes. @default 1000 */
  readonly maxLines?: number;
  /** Longer lines are not held in memory. @default 8 MiB */
  readonly maxLineBytes?: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads the lines of a growing file from an offset on. A line counts when its end is there, so `offset` after any read is where a
 * later reader, perhaps of another server, can go on without losing or doubling a byte.
 */
export class LineReader {
  readonly #source: ByteSource;
  readonly #maxLineBytes: number;
  readonly #maxLines: number;
  /** Where the line that is not complete yet begins: all before it has been handed out. */
  #offset: number;
  /** The bytes of that line so far; none are kept once it is too long. */
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(
    source: ByteSource,
    offset: number,
    { maxLineBytes = 8 * 1024 * 1024, maxLines = 1_000 }: LineReaderOptions = {},
  ) {
    this.#maxLines = maxLines;
    this.#source = source;
    this.#offset = offset;
    this.#maxLineBytes = maxLineBytes;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Reads at most the buffer's size; the buffer is only borrowed. A file that does not exist yet has no lines; one that is gone was cut short. */
  read(buffer: Buffer): LinesRead {
    const position = this.#offset + this.#begunBytes;
    const count = this.#source.read(buffer, position);
    if (count > 0) {
      const lines = this.#split(buffer.subarray(0, count));
      return { lines, hasMore: count === buffer.length || lines.length === this.#maxLines, truncated: null };
    }
    const size = this.#source.size() ?? 0;
    if (size >= position) return { lines: [], hasMore: false, truncated: null };
    this.#source.restart();
    this.#begin(size);
    return { lines: [], hasMore: false, truncated: { expectedBytes: position, foundBytes: size } };
  }

  /** The last line, whose end never came: only when nothing will be written any more. */
  rest(): LogLine | null {
    if (this.#begunBytes === 0) return null;
    const line = { offset: this.#offset, length: this.#begunBytes, text: this.#text(Buffer.alloc(0)) };
    this.#begin(this.#offset + this.#begunBytes);
    return line;
  }

  close(): void {
    this.#source.close();
  }

  #split(bytes: Buffer): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      const tail = bytes.subarray(start, end);
      const length = this.#begunBytes + tail.length + 1;
      lines.push({ offset: this.#offset, length, text: this.#text(tail) });
      this.#begin(this.#offset + length);
      start = end + 1;
      // What is left is read again from the new offset.
      if (lines.length === this.#maxLines) return lines;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  #begin(offset: number): void {
    this.#offset = offset;
    this.#begun = [];
    this.#begunBytes = 0;
  }

  #keep(bytes: Buffer): void {
    this.#begunBytes += bytes.length;
    // The caller's buffer is read into again, hence the copy.
    if (this.#begunBytes <= this.#maxLineBytes) this.#begun.push(Buffer.from(bytes));
    else this.#begun = [];
  }

  #text(tail: Buffer): string | null {
    if (this.#begunBytes + tail.length > this.#maxLineBytes) return null;
    const whole = this.#begunBytes === 0 ? tail : Buffer.concat([...this.#begun, tail]);
    const end = whole.at(-1) === carriageReturn ? whole.length - 1 : whole.length;
    return whole.toString('utf8', 0, end);
  }
}
