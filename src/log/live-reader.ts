import type { EventBatch } from './event-batch.ts';

export interface LiveReaderLimits {
  readonly maxQueuedEvents: number;
  readonly maxQueuedChars: number;
}

/** Takes a batch at once, without anything waiting for anything; false where that cannot be just now. */
export type TakeAtOnce = (batch: EventBatch) => boolean;

/**
 * One reader's end of the live feed. It either *follows*, and then what is published waits here for it, or it is *behind*, and then
 * it has to read what is stored: before it has caught up for the first time, and again when more waits than the limits allow. The
 * batches that wait are shared with all other readers, so many slow readers of one session cost hardly more than one.
 */
export class LiveReader {
  readonly #limits: LiveReaderLimits;
  readonly #takeAtOnce: TakeAtOnce | undefined;
  #queue: EventBatch[] = [];
  #queuedEvents = 0;
  #queuedChars = 0;
  #isFollowing = false;
  #isEnded = false;
  /** The newest event that the reader has, or that waits for it. */
  #lastSeq = 0;
  #takenAtOnce = 0;
  #publishedSeq = 0;
  #wake: (() => void) | undefined;

  constructor(limits: LiveReaderLimits, takeAtOnce?: TakeAtOnce) {
    this.#limits = limits;
    this.#takeAtOnce = takeAtOnce;
  }

  /** The newest event that was taken at once. */
  get takenAtOnce(): number {
    return this.#takenAtOnce;
  }

  /** Follows from `cursor` on; stays behind where something beyond it has been published already, which must be read first. */
  follow(cursor: number): void {
    this.#lastSeq = cursor;
    this.#isFollowing = !this.#isEnded && this.#publishedSeq <= cursor;
  }

  /** What has just been committed, in order; `chars` is its size. */
  publish(batch: EventBatch, chars: number): void {
    this.#publishedSeq = batch.lastSeq;
    // A page may have shown all of it already: it was committed before it was published.
    if (!this.#isFollowing || batch.lastSeq <= this.#lastSeq) return;
    const unseen = batch.beyond(this.#lastSeq);
    this.#lastSeq = batch.lastSeq;
    // Only one that has taken everything else: what is queued comes first.
    if (this.#wake !== undefined && this.#takeAtOnce?.(unseen) === true) {
      this.#takenAtOnce = batch.lastSeq;
      return;
    }
    this.#queue.push(unseen);
    this.#queuedEvents += batch.events.length;
    this.#queuedChars += chars;
    const { maxQueuedEvents, maxQueuedChars } = this.#limits;
    if (this.#queuedEvents > maxQueuedEvents || this.#queuedChars > maxQueuedChars) this.#fallBehind();
    this.#wakeUp();
  }

  /** What has come since the last call, as soon as there is something; null when the reader is behind or has ended. */
  async take(): Promise<readonly EventBatch[] | null> {
    while (this.#isFollowing && this.#queue.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (!this.#isFollowing) return null;
    const taken = this.#queue;
    this.#clear();
    return taken;
  }

  hasEnded(): boolean {
    return this.#isEnded;
  }

  /** Drops all that waits and wakes who waits for it. */
  end(): void {
    this.#isEnded = true;
    this.#fallBehind();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #fallBehind(): void {
    this.#isFollowing = false;
    this.#clear();
  }

  #clear(): void {
    this.#queue = [];
    this.#queuedEvents = 0;
    this.#queuedChars = 0;
  }
}
