import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Store } from '../store/store.ts';
import type { EventLog } from './event-log.ts';
import { followInTurns } from './follow-in-turns.ts';
import { followSession } from './follow-session.ts';
import { GroupCommit } from './group-commit.ts';
import { LifecycleFeed } from './lifecycle-feed.ts';
import { LiveFeed } from './live-feed.ts';
import { PreparedPages } from './prepared-pages.ts';
import { toLoggedEvent } from './serialise-events.ts';

export interface EventLogOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: EventLogLimits;
}

/** What is held in memory. Characters are those of the events' JSON. */
export interface EventLogLimits {
  /** Of one commit. @default 2000 */
  readonly maxBatchEvents?: number;
  /** Of one commit. @default 4_000_000 */
  readonly maxBatchChars?: number;
  /** That a reader gets at once from the store. @default 500 */
  readonly pageEvents?: number;
  /** That a reader which takes turns gets in one of them. @default 200 */
  readonly turnEvents?: number;
  /** The same; a single event may be larger. @default 500_000 */
  readonly turnChars?: number;
  /** That are kept of pages which have been read, for other readers. @default 4_000_000 */
  readonly maxKeptChars?: number;
  /** That wait for a reader which is slower than its session. @default 20_000 */
  readonly maxQueuedEvents?: number;
  /** That wait for a reader which is slower than its session. @default 4_000_000 */
  readonly maxQueuedChars?: number;
}

const defaultLimits: Required<EventLogLimits> = {
  maxBatchEvents: 2_000,
  maxBatchChars: 4_000_000,
  pageEvents: 500,
  turnEvents: 200,
  turnChars: 500_000,
  maxKeptChars: 4_000_000,
  maxQueuedEvents: 20_000,
  maxQueuedChars: 4_000_000,
};

/** The log over a store, of which this must be the only writer of events. Closing the log leaves the store open. */
export function createEventLog({ store, clock, logger, limits: chosenLimits }: EventLogOptions): EventLog {
  const limits = { ...defaultLimits, ...chosenLimits };
  const feed = new LiveFeed();
  const lives = new LifecycleFeed();
  const pages = new PreparedPages({ store, ...limits, maxPageChars: Infinity });
  // For readers that take turns: several sessions share one connection, and little is to wait on it.
  const smallPages = new PreparedPages({
    store,
    ...limits,
    pageEvents: limits.turnEvents,
    maxPageChars: limits.turnChars,
  });
  const writer = new GroupCommit({
    store,
    clock,
    logger,
    publish: ({ sessionId, events }, rows) => {
      if (rows.some(({ completes }) => completes !== undefined)) {
        pages.forget(sessionId);
        smallPages.forget(sessionId);
      }
      feed.publish(sessionId, rows);
      lives.publish(sessionId, events, rows);
    },
    ...limits,
  });

  return {
    generation: store.generation,
    append: (entry) => writer.append(entry),
    flush: () => store.flush(),
    read: async (sessionId, afterSeq, limit) => (await store.events(sessionId, afterSeq, limit)).map(toLoggedEvent),
    readUpTo: async (sessionId, lastSeq, limit) =>
      (await store.eventsUpTo(sessionId, lastSeq, limit)).map(toLoggedEvent),
    lastSeq: (sessionId) => store.lastSeq(sessionId),
    prunedSeq: (sessionId) => store.prunedSeq(sessionId),
    subscribe: (sessionId, afterSeq, signal, takeAtOnce) =>
      followSession(sessionId, afterSeq, signal, { pages, feed, clock, takeAtOnce, ...limits }),
    subscribeInTurns: (sessionId, afterSeq, signal, takeAtOnce, takeTurn) =>
      followInTurns(sessionId, afterSeq, signal, { pages: smallPages, feed, clock, takeAtOnce, takeTurn }),
    watch: (listener, signal) => lives.watch(listener, signal),
    close: () => writer.close(),
  };
}
