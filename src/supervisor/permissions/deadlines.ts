import type { PermissionId } from '../../contracts/ids.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';

interface Deadline {
  readonly timer: Timer | null;
  /** When the timer was set, by the monotonic clock. */
  readonly setAt: number;
  readonly remainingMs: number;
}

/** When the default is given to those who are not answered. They stand still while the agent does. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #onReached: (id: PermissionId) => void;
  readonly #deadlines = new Map<PermissionId, Deadline>();
  #isSuspended = false;

  constructor(clock: Clock, onReached: (id: PermissionId) => void) {
    this.#clock = clock;
    this.#onReached = onReached;
  }

  set(id: PermissionId, remainingMs: number): void {
    this.clear(id);
    const timer = this.#isSuspended ? null : this.#clock.setTimer(remainingMs, () => this.#onReached(id));
    this.#deadlines.set(id, { timer, setAt: this.#clock.monotonic(), remainingMs });
  }

  has(id: PermissionId): boolean {
    return this.#deadlines.has(id);
  }

  clear(id: PermissionId): void {
    this.#deadlines.get(id)?.timer?.cancel();
    this.#deadlines.delete(id);
  }

  suspend(): void {
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    const now = this.#clock.monotonic();
    for (const [id, { timer, setAt, remainingMs }] of this.#deadlines) {
      timer?.cancel();
      this.#deadlines.set(id, { timer: null, setAt: now, remainingMs: Math.max(0, remainingMs - (now - setAt)) });
    }
  }

  /** What is left of each, in milliseconds. */
  resume(): ReadonlyMap<PermissionId, number> {
    const left = new Map([...this.#deadlines].map(([id, { remainingMs }]) => [id, remainingMs]));
    if (!this.#isSuspended) return left;
    this.#isSuspended = false;
    for (const [id, remainingMs] of left) this.set(id, remainingMs);
    return left;
  }

  /** There are none any more; those that are set next run at once. */
  stop(): void {
    for (const id of [...this.#deadlines.keys()]) this.clear(id);
    this.#isSuspended = false;
  }
}
