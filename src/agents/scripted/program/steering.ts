/** What is said into a turn while it plays; what comes before a step waits for it is kept. */
export class Steering {
  readonly #kept: string[] = [];
  #isClosed = false;
  #wake: () => void = () => undefined;

  /** False where nobody will hear it any more. */
  add(text: string): boolean {
    if (this.#isClosed) return false;
    this.#kept.push(text);
    this.#wake();
    return true;
  }

  /** The next that was said, in its order; null where nothing more can come. */
  async next(): Promise<string | null> {
    for (;;) {
      const text = this.#kept.shift();
      if (text !== undefined || this.#isClosed) return text ?? null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }
}
