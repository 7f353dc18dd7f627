import { chunkTypes } from '../contracts/events.ts';
import type { SessionId } from '../contracts/ids.ts';
import type { EventRow, Store } from '../store/store.ts';
import type { AppendedEvent, Entry } from './event-log.ts';

/** Where a session's log ends: the newest `seq`, and of each message that is not complete the `seq` of its first chunk. */
interface Head {
  lastSeq: number;
  readonly openMessages: Map<string, number>;
}

/** How many heads are kept in memory; the others are read again when their session goes on. */
const maxHeads = 10_000;

/** Gives events their places. Only one batch at a time may be placed and not yet committed. */
export class SessionHeads {
  readonly #store: Pick<Store, 'lastSeq' | 'openMessages'>;
  readonly #heads = new Map<SessionId, Head>();

  constructor(store: Pick<Store, 'lastSeq' | 'openMessages'>) {
    this.#store = store;
  }

  /** Those whose heads are to be loaded before events of them can be placed: mostly none. */
  missing(sessionIds: ReadonlySet<SessionId>): SessionId[] {
    return [...sessionIds].filter((sessionId) => !this.#heads.has(sessionId));
  }

  /** `needed` are the sessions of the batch that is to be placed. */
  async load(missing: readonly SessionId[], needed: ReadonlySet<SessionId>): Promise<void> {
    this.#evict(needed);
    for (const sessionId of missing) {
      const [lastSeq, openMessages] = await Promise.all([
        this.#store.lastSeq(sessionId),
        this.#store.openMessages(sessionId),
      ]);
      this.#heads.set(sessionId, { lastSeq, openMessages });
    }
  }

  /** For when the store did not take what was placed: what it holds is what counts. */
  forget(sessionIds: ReadonlySet<SessionId>): void {
    for (const sessionId of sessionIds) this.#heads.delete(sessionId);
  }

  /** `jsons` are the entry's events as `serialiseEvents` made them. */
  place({ sessionId, events }: Entry, jsons: readonly string[]): EventRow[] {
    const head = this.#heads.get(sessionId);
    if (head === undefined) throw new Error(`The head of session "${sessionId}" has not been loaded`);
    return events.map((event, index) => placeEvent(head, event, jsons[index] ?? ''));
  }

  #evict(needed: ReadonlySet<SessionId>): void {
    if (this.#heads.size <= maxHeads) return;
    for (const sessionId of this.#heads.keys()) {
      if (!needed.has(sessionId)) this.#heads.delete(sessionId);
      if (this.#heads.size <= maxHeads / 2) return;
    }
  }
}

function placeEvent(head: Head, event: AppendedEvent, json: string): EventRow {
  const seq = ++head.lastSeq;
  const messageId = messageOf(event);
  if (messageId === null) return { seq, json };

  const sinceSeq = head.openMessages.get(messageId);
  if (event.type !== 'message.completed') {
    if (sinceSeq !== undefined) return { seq, json, messageId };
    head.openMessages.set(messageId, seq);
    return { seq, json, messageId, opens: true };
  }
  if (sinceSeq === undefined) return { seq, json };
  head.openMessages.delete(messageId);
  return { seq, json, completes: { messageId, sinceSeq } };
}

/** The message that the event is a chunk of or completes. */
function messageOf(event: AppendedEvent): string | null {
  if (event.type !== 'message.completed' && !chunkTypes.has(event.type)) return null;
  return 'messageId' in event.data ? event.data.messageId : null;
}
