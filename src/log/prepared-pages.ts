import type { SessionId } from '../contracts/ids.ts';
import type { Store, StoredEvent } from '../store/store.ts';
import { EventBatch } from './event-batch.ts';
import { toLoggedEvent } from './serialise-events.ts';

export interface PreparedPagesOptions {
  readonly store: Pick<Store, 'events'>;
  readonly pageEvents: number;
  /** Of a page with more than one event. */
  readonly maxPageChars: number;
  /** What is kept of pages that have been read, in characters of JSON. */
  readonly maxKeptChars: number;
}

/**
 * Pages of what is stored, for readers that are not up to date. Full pages are kept for a while, as readers that come back after a
 * restart, or fall behind in a flood, all go the same way.
 */
export class PreparedPages {
  readonly #options: PreparedPagesOptions;
  /** The one that was not asked for longest comes first. */
  readonly #kept = new Map<string, KeptPage>();
  #keptChars = 0;

  constructor(options: PreparedPagesOptions) {
    this.#options = options;
  }

  /** Only a page without events says that there is nothing beyond `afterSeq`. `limit` is for who knows that the events are large. */
  async read(sessionId: SessionId, afterSeq: number, limit = this.#options.pageEvents): Promise<EventBatch> {
    const key = `${sessionId} ${afterSeq}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#drop(key, kept);
      this.#keep(key, kept);
      return kept.page;
    }
    const { store, maxPageChars } = this.#options;
    const stored = await store.events(sessionId, afterSeq, limit);
    const page = new EventBatch(stored.slice(0, countWithin(maxPageChars, stored)).map(toLoggedEvent));
    // One that is not full will be another when there is more.
    const isFull = stored.length === limit || page.events.length < stored.length;
    if (isFull) this.#keep(key, { sessionId, page, chars: page.chars });
    return page;
  }

  /** For when events of the session have gone from the store. */
  forget(sessionId: SessionId): void {
    for (const [key, kept] of this.#kept) if (kept.sessionId === sessionId) this.#drop(key, kept);
  }

  #keep(key: string, page: KeptPage): void {
    this.#kept.set(key, page);
    this.#keptChars += page.chars;
    for (const [oldest, kept] of this.#kept) {
      if (this.#keptChars <= this.#options.maxKeptChars) return;
      this.#drop(oldest, kept);
    }
  }

  #drop(key: string, { chars }: KeptPage): void {
    if (this.#kept.delete(key)) this.#keptChars -= chars;
  }
}

/** At least one, where there is one. */
function countWithin(limit: number, events: readonly StoredEvent[]): number {
  let chars = 0;
  const end = events.findIndex(({ json }, index) => (chars += json.length) > limit && index > 0);
  return end === -1 ? events.length : end;
}

interface KeptPage {
  readonly sessionId: SessionId;
  readonly page: EventBatch;
  readonly chars: number;
}
