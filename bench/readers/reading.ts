import type { Delivered, ReadingOrder } from './protocol.ts';
import { monotonicNs } from '../machine/monotonic.ts';
import { openStream } from './open-stream.ts';
import { Tally } from './tally.ts';

const stalledAfterMs = 45_000;

/** All streams of an order, and when they have what they should have. */
export class Reading {
  readonly #order: ReadingOrder;
  readonly #tallies: Tally[] = [];
  readonly #close: (() => void)[] = [];
  readonly #counted = Promise.withResolvers<undefined>();
  readonly #ended = Promise.withResolvers<undefined>();
  #requestedNs = 0;
  /** How many of the first readers have all, and how many have seen the end. */
  #complete = 0;
  #over = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(order: ReadingOrder) {
    this.#order = order;
    // A failure may come before anybody waits for it.
    for (const { promise } of [this.#counted, this.#ended]) promise.catch(() => undefined);
  }

  async open(): Promise<void> {
    const { urls, readersPerUrl, expected, isStamped } = this.#order;
    this.#requestedNs = monotonicNs();
    this.#watch = this.#watchProgress();
    const hooks = { onProgress: () => this.#look(), onFailure: (error: Error) => this.#fail(error) };
    const all = urls.flatMap((url) => Array.from({ length: readersPerUrl }, () => url));
    for (const group of groups(all, 50)) {
      const opened = group.map((url) => {
        const tally = new Tally(isStamped ? expected : 0);
        this.#tallies.push(tally);
        return openStream(url, this.#order, tally, hooks);
      });
      this.#close.push(...(await Promise.all(opened)));
    }
    this.#look();
  }

  counted(): Promise<undefined> {
    return this.#counted.promise;
  }

  ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  close(): void {
    clearInterval(this.#watch);
    for (const close of this.#close) close();
  }

  get delivered(): Delivered {
    const { expected } = this.#order;
    const each = this.#tallies;
    const total = (of: (tally: Tally) => number) => each.reduce((sum, tally) => sum + of(tally), 0);
    return {
      deliveries: total(({ deliveries }) => deliveries),
      fewest: Math.min(...each.map(({ deliveries }) => deliveries)),
      lost: total(({ deliveries, gaps }) => gaps + Math.abs(expected - deliveries)),
      requestedNs: this.#requestedNs,
      firstNs: Math.min(...each.map(({ firstNs }) => firstNs)),
      lastNs: Math.max(...each.map(({ lastNs }) => lastNs)),
      latenciesMs: Float64Array.from(each.flatMap(({ latenciesMs }) => [...latenciesMs])),
    };
  }

  /** Cheap: called with every chunk. A reader that has not all is the usual case, and mostly the same one. */
  #look(): void {
    const { expected, urls, readersPerUrl } = this.#order;
    const tallies = this.#tallies;
    while (this.#complete < tallies.length && (tallies[this.#complete]?.deliveries ?? 0) >= expected)
      this.#complete += 1;
    const all = urls.length * readersPerUrl;
    if (this.#complete === all) this.#counted.resolve(undefined);
    while (this.#over < tallies.length && tallies[this.#over]?.hasEnded === true) this.#over += 1;
    if (this.#over > this.#complete) this.#fail(new Error(`It ended too early: ${this.#standing}`));
    if (this.#over === all) this.#ended.resolve(undefined);
  }

  #fail(error: Error): void {
    this.#counted.reject(error);
    this.#ended.reject(error);
  }

  get #standing(): string {
    const { dialect, expected } = this.#order;
    return `of ${this.#tallies.length} readers of ${dialect} the slowest has ${this.delivered.fewest} of ${expected}`;
  }

  #watchProgress(): NodeJS.Timeout {
    let before = 0;
    return setInterval(() => {
      const { deliveries } = this.delivered;
      if (deliveries === before) this.#fail(new Error(`Nothing came for ${stalledAfterMs} ms: ${this.#standing}`));
      before = deliveries;
    }, stalledAfterMs);
  }
}

function groups<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
