/** What waits for one who reads, and where that one is. */
export class SocketReader<Item> {
  /** Behind all that has come: where to go on when the connection is back. */
  cursor: string | undefined;
  readonly #maxWaiting: number;
  #waiting: Item[] = [];
  #isFull = false;
  #isEnded = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(cursor: string | undefined, maxWaiting: number) {
    this.cursor = cursor;
    this.#maxWaiting = maxWaiting;
  }

  /** More waits than may: nothing is wanted until it has been taken. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get hasEnded(): boolean {
    return this.#isEnded;
  }

  add(items: readonly Item[], cursor = this.cursor): void {
    this.cursor = cursor;
    this.#waiting.push(...items);
    if (this.#waiting.length > this.#maxWaiting) this.#isFull = true;
    this.#wake?.();
  }

  /** What has come since the last call, as soon as there is something; null at the end. */
  async take(): Promise<readonly Item[] | null> {
    while (this.#waiting.length === 0 && !this.#isEnded && this.#error === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#isEnded) return null;
    if (this.#waiting.length === 0) throw this.#error ?? new Error('Nothing waits');
    const taken = this.#waiting;
    this.#waiting = [];
    this.#isFull = false;
    return taken;
  }

  /** Throws it to the reader when that has taken what came before. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }
}
