import type { SessionId } from '../contracts/ids.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EventBatch } from './event-batch.ts';
import type { LiveFeed } from './live-feed.ts';
import type { LiveReaderLimits, TakeAtOnce } from './live-reader.ts';
import { LiveReader } from './live-reader.ts';
import { nextTurn } from './next-turn.ts';
import { whenStoreAnswers } from './patient-store.ts';
import type { PreparedPages } from './prepared-pages.ts';

export interface FollowOptions extends LiveReaderLimits {
  readonly pages: PreparedPages;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly takeAtOnce?: TakeAtOnce | undefined;
}

/**
 * The events of a session beyond `afterSeq`: pages from the store until there is nothing more, then what is published; back to pages
 * whenever that comes faster than the reader takes it. When the signal has aborted nothing is held for the reader any more, even if
 * it never asks again.
 */
export async function* followSession(
  sessionId: SessionId,
  afterSeq: number,
  signal: AbortSignal,
  options: FollowOptions,
): AsyncGenerator<EventBatch, void> {
  if (signal.aborted) return;
  const { feed } = options;
  const reader = new LiveReader(options, options.takeAtOnce);
  const leave = () => {
    feed.leave(sessionId, reader);
    reader.end();
  };
  // Joined before the first page is read, so that the reader knows of all that is published after it.
  feed.join(sessionId, reader);
  signal.addEventListener('abort', leave, { once: true });
  try {
    let cursor = afterSeq;
    while (!reader.hasEnded()) {
      const live = await reader.take();
      cursor = Math.max(cursor, reader.takenAtOnce);
      const batches = live ?? (await readPage(sessionId, cursor, signal, options));
      if (batches.length === 0) reader.follow(cursor);
      for (const batch of batches) {
        if (reader.hasEnded()) return;
        cursor = batch.lastSeq;
        yield batch;
      }
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function readPage(
  sessionId: SessionId,
  cursor: number,
  signal: AbortSignal,
  { pages, clock }: FollowOptions,
): Promise<readonly EventBatch[]> {
  // A reader that takes one page after another must not keep the server from its other work.
  await nextTurn();
  if (signal.aborted) return [];
  const page = await whenStoreAnswers(() => pages.read(sessionId, cursor), { clock, signal });
  return page.events.length === 0 ? [] : [page];
}
