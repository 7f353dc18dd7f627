import { stop } from '../../holder/control.ts';
import type { Logger } from '../../kernel/logger.ts';

export interface TreeStopOptions {
  /** Of the process. */
  readonly directory: string;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** The stop of a process's whole tree: once it is wanted, its holder is told until nothing is left to be told. */
export class TreeStop {
  readonly #options: TreeStopOptions;
  #isWanted = false;

  constructor(options: TreeStopOptions) {
    this.#options = options;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  now(): void {
    this.#isWanted = true;
    const { directory, graceMs, logger } = this.#options;
    try {
      stop(directory, graceMs);
    } catch (error) {
      logger.warn({ err: error, directory }, 'Could not tell a holder to stop; trying again');
    }
  }

  /** Says it again where it is wanted: the FIFO may have been full, or there were no file descriptors. Cannot make it harsher. */
  repeat(): void {
    if (this.#isWanted) this.now();
  }
}
