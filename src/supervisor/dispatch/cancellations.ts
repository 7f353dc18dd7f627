import type { RunId } from '../../contracts/ids.ts';
import type { Parts } from '../parts.ts';
import type { Dispatcher } from './dispatcher.ts';
import { endUnstarted } from './end-unstarted.ts';

/** Takes queued runs back. Who asks while one is on its way to the disk waits for the same. */
export class Cancellations {
  readonly #parts: Pick<Parts, 'store' | 'log' | 'clock'>;
  readonly #dispatcher: Dispatcher;
  readonly #underWay = new Map<RunId, Promise<boolean>>();

  constructor(parts: Pick<Parts, 'store' | 'log' | 'clock'>, dispatcher: Dispatcher) {
    this.#parts = parts;
    this.#dispatcher = dispatcher;
  }

  /** False where the run is not in the queue (any more). */
  cancel(id: RunId): Promise<boolean> {
    const underWay = this.#underWay.get(id) ?? this.#cancel(id).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, underWay);
    return underWay;
  }

  async #cancel(id: RunId): Promise<boolean> {
    const queued = this.#dispatcher.take(id);
    if (queued === null) return false;
    await endUnstarted(this.#parts, queued.run, canceled).catch(async (error: unknown) => {
      // What could not be put on disk may be stored all the same: only what is queued still is to be started.
      const row = await this.#parts.store.run(id).catch(() => queued.run);
      if (row?.state === 'queued') this.#dispatcher.putBack(queued);
      this.#dispatcher.poke();
      throw error;
    });
    return true;
  }
}

const canceled = {
  outcome: 'canceled',
  reason: null,
  message: 'Canceled before it started',
  answer: '',
  answerSource: 'none',
} as const;
