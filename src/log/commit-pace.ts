import type { Clock } from '../kernel/clock.ts';

/** Commits that may follow one another at once, before the pace counts. */
const burst = 8;

/** Between two commits in the long run. @unit ms */
const gapMs = 3;

/**
 * Says when the next commit is due. A commit costs as much for one event as for fifty: where hundreds of agents each print a line now
 * and then, a few milliseconds of gathering are what makes the difference between half a core and a fifth. Now and then, and in short
 * bursts, everything is committed at once.
 */
export class CommitPace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #credit = burst;
  #countedAt: number;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  /** There has been no commit for a while: the next one need not even wait for others of the same turn of the event loop. */
  isRested(): boolean {
    return this.#count() === burst;
  }

  /** How long the next commit is to wait, in milliseconds; mostly 0. */
  waitMs(): number {
    const credit = this.#count();
    return credit >= 1 ? 0 : (1 - credit) * gapMs;
  }

  /** Call for each commit, when it is made. */
  spend(): void {
    this.#credit = Math.max(0, this.#count() - 1);
  }

  #count(): number {
    const now = this.#clock.monotonic();
    this.#credit = Math.min(burst, this.#credit + (now - this.#countedAt) / gapMs);
    this.#countedAt = now;
    return this.#credit;
  }
}
