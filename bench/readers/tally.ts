import { nsPerMs } from '../machine/monotonic.ts';

/** What one reader has got so far. */
export class Tally {
  deliveries = 0;
  gaps = 0;
  firstNs = 0;
  lastNs = 0;
  hasEnded = false;
  /** When the chunk at hand was received. */
  nowNs = 0;
  readonly #latenciesMs: Float64Array;

  constructor(samples: number) {
    this.#latenciesMs = new Float64Array(samples);
  }

  /** `stampNs`: when the agent wrote it, 0 where it does not say. */
  deliver(stampNs: number): void {
    if (stampNs > 0) this.#latenciesMs[this.deliveries] = (this.nowNs - stampNs) / nsPerMs;
    this.deliveries += 1;
    if (this.firstNs === 0) this.firstNs = this.nowNs;
    this.lastNs = this.nowNs;
  }

  get latenciesMs(): Float64Array {
    return this.#latenciesMs.subarray(0, this.deliveries);
  }
}
