import type { Event } from '../../src/contracts/events.ts';
import type { DroverClient } from '../../src/client/client.ts';

/** Reads the session's pages from a cursor to the present end. */
export async function readPages(client: DroverClient, sessionId: string, limit = 500): Promise<Event[]> {
  const events: Event[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await client.eventPage(sessionId, after === undefined ? { limit } : { after, limit });
    events.push(...page.events);
    after = page.cursor;
    if (!page.hasMore) return events;
  }
}

/** Follows the session's stream from a cursor until an event is the one. */
export async function followUntil(
  client: DroverClient,
  sessionId: string,
  isLast: (event: Event) => boolean,
  after?: string,
): Promise<Event[]> {
  const leave = new AbortController();
  const events: Event[] = [];
  try {
    for await (const item of client.events(sessionId, {
      signal: leave.signal,
      ...(after === undefined ? {} : { after }),
    })) {
      if ('reset' in item) throw new Error(`The stream was reset: ${JSON.stringify(item)}`);
      events.push(item);
      if (isLast(item)) return events;
    }
  } finally {
    leave.abort();
  }
  throw new Error('The stream ended before its last event');
}

/** True for the end of the process in which a run was made: nothing more will come of it. */
export const isProcessExit = (event: Event): boolean => event.type === 'process.exited';

export function ofType<Type extends Event['type']>(
  events: readonly Event[],
  type: Type,
): Extract<Event, { type: Type }>[] {
  return events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
}
