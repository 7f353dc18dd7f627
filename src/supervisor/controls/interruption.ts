import { signal } from '../../holder/control.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';

export interface InterruptionOptions {
  /** Of the process. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** An agent that does not end its turn when it is asked to in its own words is asked as at a terminal: by SIGINT. */
export class Interruption {
  readonly #options: InterruptionOptions;
  #timer: Timer | undefined;
  /** The time is up, and the signal could not be handed over. */
  #isDue = false;

  constructor(options: InterruptionOptions) {
    this.#options = options;
  }

  /** In so many milliseconds, unless it is called off. */
  await(delayMs: number): void {
    this.callOff();
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#isDue = true;
      this.repeat();
    });
  }

  /** The turn has ended, or this server has nothing to do with it any more. */
  callOff(): void {
    this.#timer?.cancel();
    this.#isDue = false;
  }

  /** Hands over what is due and could not be handed over before. */
  repeat(): void {
    if (!this.#isDue) return;
    const { directory, logger } = this.#options;
    try {
      this.#isDue = !signal(directory, 'SIGINT');
    } catch (error) {
      logger.warn({ err: error, directory }, 'Could not tell a holder to interrupt its agent; trying again');
    }
  }
}
