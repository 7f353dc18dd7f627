const newline = 10;
const blankLine = Buffer.from('\n\n');

/** Of a frame, `[start, end)` in a buffer, with the blank line that ends it. */
export type OnFrame = (buffer: Buffer, start: number, end: number) => void;

/**
 * Cuts a stream into server-sent events. At a million a second even a search for the blank line costs too much, so it first looks
 * where that would be if this frame were as long as the last one; a frame never holds a blank line, and a wrong guess would show
 * as a gap.
 */
export class FrameCutter {
  readonly #onFrame: OnFrame;
  #tail: Buffer = Buffer.alloc(0);
  #likelyLength = 2;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let start = this.#tail.length === 0 ? 0 : this.#finishTail(chunk);
    if (start === -1) return;
    for (;;) {
      const end = this.#frameEnd(chunk, start);
      if (end === -1) break;
      this.#likelyLength = end - start;
      this.#onFrame(chunk, start, end);
      start = end;
    }
    // A copy: the rest of the chunk should not be kept alive by its last bytes.
    if (start < chunk.length) this.#tail = Buffer.from(chunk.subarray(start));
  }

  #frameEnd(chunk: Buffer, start: number): number {
    const likely = start + this.#likelyLength;
    if (likely <= chunk.length && chunk[likely - 1] === newline && chunk[likely - 2] === newline) return likely;
    const found = chunk.indexOf(blankLine, start);
    return found === -1 ? -1 : found + 2;
  }

  /** Where in the chunk the next frame begins; -1 where this one goes on beyond it. */
  #finishTail(chunk: Buffer): number {
    const tail = this.#tail;
    const isCutInBlankLine = tail.at(-1) === newline && chunk[0] === newline;
    const end = isCutInBlankLine ? 1 : this.#endIn(chunk);
    const whole = Buffer.concat([tail, end === -1 ? chunk : chunk.subarray(0, end)]);
    this.#tail = end === -1 ? whole : Buffer.alloc(0);
    if (end !== -1) this.#onFrame(whole, 0, whole.length);
    return end;
  }

  #endIn(chunk: Buffer): number {
    const found = chunk.indexOf(blankLine);
    return found === -1 ? -1 : found + 2;
  }
}
