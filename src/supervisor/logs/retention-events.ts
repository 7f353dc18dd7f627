import { nextTurn } from '../../log/next-turn.ts';
import type { Parts } from '../parts.ts';

/** Between two slices of one session: most of the time is everybody else's. */
const pauseMs = 20;
const pageSessions = 100;

/** Prunes the events of all sessions that were recorded before a time; resolves with how many went. Stops where the signal aborts. */
export async function pruneOldEvents(
  { store, clock }: Pick<Parts, 'store' | 'clock'>,
  before: string,
  signal: AbortSignal,
): Promise<number> {
  let events = 0;
  for (let page = await store.sessionIds(null, pageSessions); page.length > 0;) {
    for (const sessionId of page) {
      for (let hasMore = true; hasMore;) {
        await nextTurn();
        if (signal.aborted) return events;
        const pruned = await store.prune({ sessionId, before });
        events += pruned.events;
        ({ hasMore } = pruned);
        if (hasMore) await clock.sleep(pauseMs, signal);
      }
    }
    page = await store.sessionIds(page.at(-1) ?? null, pageSessions);
  }
  return events;
}
