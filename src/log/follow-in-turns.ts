import type { SessionId } from '../contracts/ids.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EventBatch } from './event-batch.ts';
import type { LiveFeed } from './live-feed.ts';
import type { TakeAtOnce } from './live-reader.ts';
import { LiveReader } from './live-reader.ts';
import { nextTurn } from './next-turn.ts';
import { whenStoreAnswers } from './patient-store.ts';
import type { PreparedPages } from './prepared-pages.ts';

/**
 * Resolves when the reader may read and hand out a page, with what ends that turn; when the signal of the subscription aborts, it
 * resolves at once.
 */
export type TakeTurn = () => Promise<() => void>;

export interface FollowInTurnsOptions {
  readonly pages: PreparedPages;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly takeAtOnce: TakeAtOnce;
  readonly takeTurn: TakeTurn;
}

/** What is not taken at once does not wait: it is stored. */
const nothingWaits = { maxQueuedEvents: 0, maxQueuedChars: 0 };

/**
 * The events of a session beyond `afterSeq` for one of many readers that share a connection. While the connection takes what is
 * published, the reader follows; as soon as it does not, all that is kept for the reader is its place. However many sessions share a
 * connection that stands still, they hold no more than one.
 */
export async function* followInTurns(
  sessionId: SessionId,
  afterSeq: number,
  signal: AbortSignal,
  { pages, feed, clock, takeAtOnce, takeTurn }: FollowInTurnsOptions,
): AsyncGenerator<EventBatch, void> {
  if (signal.aborted) return;
  const reader = new LiveReader(nothingWaits, takeAtOnce);
  const leave = () => {
    feed.leave(sessionId, reader);
    reader.end();
  };
  feed.join(sessionId, reader);
  signal.addEventListener('abort', leave, { once: true });
  try {
    let cursor = afterSeq;
    let limit: number | undefined;
    while (!reader.hasEnded()) {
      await reader.take();
      cursor = Math.max(cursor, reader.takenAtOnce);
      const endTurn = await takeTurn();
      try {
        // Readers that take one page after another must not keep the server from its other work.
        await nextTurn();
        if (reader.hasEnded()) return;
        const page = await whenStoreAnswers(() => pages.read(sessionId, cursor, limit), { clock, signal });
        if (reader.hasEnded()) return;
        limit = page.chars > largePageChars ? page.events.length : undefined;
        if (page.events.length === 0) reader.follow(cursor);
        else {
          cursor = page.lastSeq;
          yield page;
        }
      } finally {
        endTurn();
      }
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** From where on it is worth asking the store for no more events than one page can hold. */
const largePageChars = 250_000;
