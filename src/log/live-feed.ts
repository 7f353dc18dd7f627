import type { SessionId } from '../contracts/ids.ts';
import type { EventRow } from '../store/store.ts';
import { EventBatch } from './event-batch.ts';
import type { LiveReader } from './live-reader.ts';
import { toLoggedEvent } from './serialise-events.ts';

/** Brings what has been committed to everyone who reads that session. */
export class LiveFeed {
  readonly #readers = new Map<SessionId, Set<LiveReader>>();

  join(sessionId: SessionId, reader: LiveReader): void {
    const readers = this.#readers.get(sessionId);
    if (readers === undefined) this.#readers.set(sessionId, new Set([reader]));
    else readers.add(reader);
  }

  leave(sessionId: SessionId, reader: LiveReader): void {
    const readers = this.#readers.get(sessionId);
    readers?.delete(reader);
    if (readers?.size === 0) this.#readers.delete(sessionId);
  }

  /** What has just been committed, in order. */
  publish(sessionId: SessionId, rows: readonly EventRow[]): void {
    const readers = this.#readers.get(sessionId);
    if (readers === undefined || rows.length === 0) return;
    // Whoever follows has seen the event before each, even where this one has made it go from the store.
    const batch = new EventBatch(rows.map(({ seq, json }) => toLoggedEvent({ seq, prev: seq - 1, json })));
    const { chars } = batch;
    for (const reader of readers) reader.publish(batch, chars);
  }

  /** How many readers there are, of all sessions. */
  get size(): number {
    let size = 0;
    for (const readers of this.#readers.values()) size += readers.size;
    return size;
  }
}
