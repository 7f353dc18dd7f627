import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { formatCursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { EventLog, LoggedEvent } from '../../../log/event-log.ts';
import type { ReadingPlace } from './reading-place.ts';

export interface EventStreamOptions {
  readonly log: Pick<EventLog, 'generation' | 'subscribe'>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly sessionId: SessionId;
  readonly place: ReadingPlace;
  /** Ends the stream: the server stops. That the reader has gone is noticed here. */
  readonly signal: AbortSignal;
}

export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy must neither keep nor gather what is sent.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // Nothing follows on this connection, and a server that stops must not wait for it.
  connection: 'close',
};

/**
 * Writes a session's events as server-sent events until the reader or the server goes. What a reader does not take stays in the log:
 * at most one socket buffer and one batch are held for it.
 */
export async function writeEventStream(response: ServerResponse, options: EventStreamOptions): Promise<void> {
  const { log, clock, sessionId, place } = options;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.signal]);
  const heartbeat = startHeartbeat(response, clock);
  try {
    response.write(opening(log.generation, place));
    for await (const batch of log.subscribe(sessionId, place.seq, signal)) {
      for (const event of batch) {
        if (signal.aborted) return;
        if (!response.write(toFrame(log.generation, event))) await drained(response, signal);
      }
    }
  } finally {
    heartbeat.cancel();
    response.end();
  }
}

/** Tells the reader how soon to come back, and where it is when that is not where it thought. */
function opening(generation: number, { seq, reset }: ReadingPlace): string {
  const retry = `retry: ${retryMs}\n\n`;
  if (reset === null) return retry;
  const cursor = formatCursor(generation, seq);
  return `${retry}id: ${cursor}\nevent: reset\ndata: ${JSON.stringify({ ...reset, cursor })}\n\n`;
}

const retryMs = 1_000;

function toFrame(generation: number, { seq, json }: LoggedEvent): string {
  return `id: ${formatCursor(generation, seq)}\ndata: ${json}\n\n`;
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

const heartbeatMs = 15_000;

/** A comment now and then keeps proxies from closing a silent stream, and finds out about readers that have gone. */
function startHeartbeat(response: ServerResponse, clock: Pick<Clock, 'setTimer'>): { cancel(): void } {
  const beat = () => {
    if (!response.writableNeedDrain) response.write(': keep-alive\n\n');
    timer = clock.setTimer(heartbeatMs, beat);
  };
  let timer = clock.setTimer(heartbeatMs, beat);
  return { cancel: () => timer.cancel() };
}
