import { freeze, thaw } from '../../holder/control.ts';
import type { Identity } from '../../holder/identity.ts';
import { isAlive } from '../../holder/identity.ts';
import { isFrozen } from '../../holder/tree-freeze.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';

export interface TreePauseOptions {
  /** Of the process. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** How long somebody waits for the proof before he is told that it is still to come. */
const proofMs = 2_000;
const firstLookMs = 1;
const slowestLookMs = 50;

/**
 * Whether a process's whole tree is to stand still. The holder does it; whether it is done is looked up in the kernel. What is wanted may
 * change while the holder is at it: one loop brings the tree to where it is wanted last, so that no freeze fights with a thaw.
 */
export class TreePause {
  readonly #options: TreePauseOptions;
  #isWanted = false;
  /** What the holder was told last; null: nothing, by this server. */
  #told: boolean | null = null;
  #driving: Promise<void> | null = null;

  constructor(options: TreePauseOptions) {
    this.#options = options;
  }

  /** The tree stands still, or is on its way there. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** What proves that nothing of the tree runs; null where that is not so within some time, or is not wanted any more. */
  async freeze(identity: Identity): Promise<string | null> {
    await this.#bring(identity, true);
    if (!this.#isWanted || !isFrozen(identity)) return null;
    return identity.cgroup === null
      ? `every process below holder ${identity.holder.pid} is stopped`
      : 'its cgroup says "frozen 1"';
  }

  /** False where something of the tree still stands after some time. */
  async thaw(identity: Identity): Promise<boolean> {
    await this.#bring(identity, false);
    return !this.#isWanted && !isFrozen(identity);
  }

  async #bring(identity: Identity, isWanted: boolean): Promise<void> {
    this.#isWanted = isWanted;
    this.#driving ??= this.#drive(identity).finally(() => (this.#driving = null));
    await this.#driving;
  }

  async #drive(identity: Identity): Promise<void> {
    const { clock } = this.#options;
    let deadline = clock.monotonic() + proofMs;
    let lookMs = firstLookMs;
    while (this.#told !== this.#isWanted || isFrozen(identity) !== this.#isWanted) {
      if (this.#told !== this.#isWanted) {
        deadline = clock.monotonic() + proofMs;
        lookMs = firstLookMs;
        this.#tell();
      } else if (lookMs >= slowestLookMs / 2) {
        // Without a cgroup, who was being born while the others were stopped is still to be stopped.
        this.#tell();
      }
      if (clock.monotonic() >= deadline || !isAlive(identity.holder, identity.boot)) return;
      await clock.sleep(lookMs);
      lookMs = Math.min(lookMs * 2, slowestLookMs);
    }
  }

  #tell(): void {
    const { directory, logger } = this.#options;
    try {
      (this.#isWanted ? freeze : thaw)(directory);
      this.#told = this.#isWanted;
    } catch (error) {
      logger.warn({ err: error, directory }, 'Could not tell a holder to freeze or thaw; trying again');
    }
  }
}
