import { expect } from 'vitest';
import type { Event } from '../../src/contracts/events.ts';
import type { DroverClient } from '../../src/client/client.ts';
import { until } from './until.ts';

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

/** The session's pages, once its process has gone. */
export async function readToExit(client: DroverClient, sessionId: string): Promise<Event[]> {
  return await until(async () => {
    const events = await readPages(client, sessionId);
    return events.some(isProcessExit) && events;
  }, `the process of ${sessionId} to be gone`);
}

/** The numbers that a `numbered` step of the scripted agent printed, in the order of the log. */
export function numbersIn(events: readonly Event[]): number[] {
  return events.flatMap((event) => {
    if (event.type !== 'agent_message_chunk' && event.type !== 'message.completed') return [];
    const content = event.type === 'agent_message_chunk' ? [event.data.content] : event.data.content;
    return content.flatMap((block) =>
      block.type === 'text' && /^\D*\d+\s*$/.test(block.text) ? [Number(/\d+/.exec(block.text)?.[0])] : [],
    );
  });
}

/** Nothing is missing and nothing comes twice: each event stands beyond the one before it, and says that it follows it. */
export function expectInOrder(events: readonly Event[]): void {
  let cursor = 0;
  for (const { seq, prev } of events) {
    expect(prev).toBeLessThanOrEqual(cursor);
    expect(seq).toBeGreaterThan(cursor);
    cursor = seq;
  }
}
