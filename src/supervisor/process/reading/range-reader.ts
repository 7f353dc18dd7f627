import type { ByteSource } from '../../../holder/byte-source.ts';
import type { LinesRead } from '../../../holder/line-reader.ts';
import type { Clock } from '../../../kernel/clock.ts';

/** A terminal that is drawn on without end makes four events a second, and no more. */
const leastDistanceMs = 250;

export interface RangeRead extends LinesRead {
  /** What is new, as a whole. */
  readonly range: { readonly offset: number; readonly length: number } | null;
}

/**
 * Finds out how far a growing file has grown: its bytes are for eyes, and only where they stand is told. Soon after a range nothing is
 * new, so that many writes become one; whoever sweeps finds the last of them.
 */
export class RangeReader {
  readonly #source: ByteSource;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #offset: number;
  #lastAt = -Infinity;

  constructor(source: ByteSource, offset: number, clock: Pick<Clock, 'monotonic'>) {
    this.#source = source;
    this.#offset = offset;
    this.#clock = clock;
  }

  /** All before it has been told of. */
  get offset(): number {
    return this.#offset;
  }

  /** `isLast`: nothing will be written any more, so that nothing is left for the next time. */
  read(isLast: boolean): RangeRead {
    const at = this.#clock.monotonic();
    if (!isLast && at - this.#lastAt < leastDistanceMs) return nothing;
    const size = this.#source.size() ?? 0;
    const offset = this.#offset;
    if (size === offset) return nothing;
    this.#offset = size;
    if (size < offset) {
      this.#source.restart();
      return { ...nothing, truncated: { expectedBytes: offset, foundBytes: size } };
    }
    this.#lastAt = at;
    return { ...nothing, range: { offset, length: size - offset } };
  }

  close(): void {
    this.#source.close();
  }
}

const nothing: RangeRead = { lines: [], hasMore: false, truncated: null, range: null };
