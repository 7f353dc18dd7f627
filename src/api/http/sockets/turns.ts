/** Lets those who share a connection write one after the other, each when there is room; who has had a turn goes to the end. */
export class Turns {
  readonly #hasRoom: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** Resolves with what ends the turn; at once, and with no turn at all, when the signal aborts. */
  take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.resolve(nothingToEnd);
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        let isOver = false;
        resolve(() => {
          if (isOver) return;
          isOver = true;
          this.#isTaken = false;
          this.next();
        });
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        resolve(nothingToEnd);
      };
      this.#waiting.push(begin);
      signal.addEventListener('abort', leave, { once: true });
      this.next();
    });
  }

  /** Call when there may be room again. */
  next(): void {
    if (this.#isTaken || this.#waiting.length === 0 || !this.#hasRoom()) return;
    this.#isTaken = true;
    this.#waiting.shift()?.();
  }
}

const nothingToEnd = () => undefined;
