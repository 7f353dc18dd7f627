import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import { RetryableStoreError } from '../retryable-store-error.ts';

export interface UpkeepOptions {
  /** Does a little of what is to be done, some milliseconds' worth; false where nothing is left. */
  readonly work: () => Promise<boolean>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly logger: Pick<Logger, 'error'>;
}

/** Between two pieces of work: most of the time is everybody else's. */
const pauseMs = 20;

/** For a store that cannot be written to just now. */
const retryMs = 1_000;

/** Does bit by bit what nobody waits for. What it does not get done the next life does. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #pokes = 0;
  #isStopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Call when there may be something to do. */
  poke(): void {
    this.#pokes += 1;
    if (this.#timer === undefined && this.#working === undefined) this.#wakeAfter(pauseMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #wakeAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      this.#working = this.#work().finally(() => (this.#working = undefined));
    });
  }

  async #work(): Promise<void> {
    const pokes = this.#pokes;
    try {
      const hasMore = await this.#options.work();
      if (hasMore || this.#pokes > pokes) this.#wakeAfter(pauseMs);
    } catch (error) {
      if (error instanceof RetryableStoreError) this.#wakeAfter(retryMs);
      else
        this.#options.logger.error({ err: error }, 'The upkeep of the store failed; the next server goes on with it');
    }
  }
}
