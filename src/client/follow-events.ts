import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Event } from '../contracts/events.ts';
import type { EventPage } from '../contracts/resources.ts';
import { backOffMs, isPassing, usualRetries } from './coming-back.ts';
import { ProblemError, unreachable } from './problem-error.ts';
import { send, type Connection } from './requests.ts';
import { sleep } from './sleep.ts';

/** The server could not go on from the reader's cursor: forget what you had, what comes are the first events that are left. */
export interface StreamReset {
  readonly reset: NonNullable<EventPage['reset']> & { readonly cursor: string };
}

export interface FollowOptions {
  /** A cursor: only the events beyond it. @default from the beginning */
  readonly after?: string;
  /** How often in a row to come back to a server that does not answer, in growing distances of up to 5 s. @default 10 (half a minute) */
  readonly maxRetries?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * The events of a session, stored and live, each once and in order. When the connection is lost it is opened again at the cursor of
 * the last event. Throws ProblemError: at once where the server refuses, `server_unreachable` where it does not come back.
 */
export async function* followEvents(
  connection: Connection,
  sessionId: string,
  { after, maxRetries = usualRetries, signal }: FollowOptions,
): AsyncGenerator<Event | StreamReset, void> {
  const leave = new AbortController();
  const ended = signal === undefined ? leave.signal : AbortSignal.any([leave.signal, signal]);
  let cursor = after;
  let failures = 0;
  try {
    for (;;) {
      try {
        const body = await open(connection, sessionId, cursor, ended);
        failures = 0;
        for await (const message of messagesOf(body)) {
          const item = toItem(message);
          cursor = message.id ?? cursor;
          yield item;
        }
      } catch (error) {
        if (ended.aborted) return;
        if (!isPassing(error)) throw error;
        if (failures >= maxRetries) throw error instanceof ProblemError ? error : unreachable(connection.url, error);
      }
      await sleep(backOffMs(failures++), ended);
      if (ended.aborted) return;
    }
  } finally {
    leave.abort();
  }
}

async function open(
  connection: Connection,
  sessionId: string,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const headers = { accept: 'text/event-stream', ...(cursor === undefined ? {} : { 'last-event-id': cursor }) };
  const { body } = await send(connection, `/v1/sessions/${encodeURIComponent(sessionId)}/events`, { headers, signal });
  return body ?? new Blob([]).stream();
}

async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<EventSourceMessage, void> {
  let messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* messages;
    messages = [];
  }
}

/** What is on the wire was checked by the server; here it is only read. */
function toItem({ event, data }: EventSourceMessage): Event | StreamReset {
  if (event === 'reset') return { reset: JSON.parse(data) as StreamReset['reset'] };
  return JSON.parse(data) as Event;
}
