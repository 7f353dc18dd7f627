import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatCursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { EventBatch } from '../../../log/event-batch.ts';
import type { EventLog } from '../../../log/event-log.ts';
import type { ReadingPlace } from './reading-place.ts';
import type { ServerSentEvents } from './server-sent-events.ts';

export interface EventStreamOptions {
  readonly log: Pick<EventLog, 'generation' | 'subscribe'>;
  /** The form of a batch, the same for all streams. */
  readonly format: ServerSentEvents;
  /** Of the answer, beside those of every event stream. */
  readonly headers: OutgoingHttpHeaders;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly sessionId: SessionId;
  readonly place: ReadingPlace;
  /** Ends the stream: the server stops. That the reader has gone is noticed here. */
  readonly signal: AbortSignal;
}

const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy must neither keep nor gather what is sent.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // Nothing follows on this connection, and a server that stops must not wait for it.
  connection: 'close',
};

/**
 * Writes a session's events as server-sent events until the reader or the server goes. What a reader does not take stays in the log:
 * at most what its socket holds and the batches that wait in its subscription are kept for it. One that takes nothing at all is cut
 * after a minute; it comes back with its cursor, if it lives.
 *
 * Batches go to the socket as they are, which is half the work of a `response.write` for each of a thousand readers; the end of the
 * connection ends the answer (https://www.rfc-editor.org/rfc/rfc9112.html#section-6.3, point 8).
 */
export async function writeEventStream(response: ServerResponse, options: EventStreamOptions): Promise<void> {
  const { log, clock, format, headers, sessionId, place } = options;
  const socket = await begin(response, { ...headers, ...eventStreamHeaders }, opening(log.generation, place));
  if (socket === null) return;
  const gone = new AbortController();
  const leave = () => gone.abort();
  socket.once('close', leave);
  options.signal.addEventListener('abort', leave);
  const heartbeat = startHeartbeat(socket, clock);
  try {
    if (options.signal.aborted || socket.destroyed) return;
    // A thousand readers that keep up take an event each without a promise.
    const takeAtOnce = (batch: EventBatch): boolean => {
      const bytes = batch.as(format);
      if (socket.writableNeedDrain || bytes.length > sliceBytes) return false;
      socket.write(bytes);
      return true;
    };
    for await (const batch of log.subscribe(sessionId, place.seq, gone.signal, takeAtOnce)) {
      const bytes = batch.as(format);
      for (let start = 0; start < bytes.length; start += sliceBytes) {
        // Unsliced where it is small, which is nearly always.
        const slice = bytes.length <= sliceBytes ? bytes : bytes.subarray(start, start + sliceBytes);
        if (!socket.write(slice)) await drained(socket, gone.signal, clock);
        if (gone.signal.aborted) return;
      }
    }
  } finally {
    heartbeat.cancel();
    socket.off('close', leave);
    options.signal.removeEventListener('abort', leave);
    response.end();
  }
}

/** The connection, once it is this answer's turn, for requests may be pipelined; null where the reader has gone before. */
async function begin(response: ServerResponse, headers: OutgoingHttpHeaders, text: string): Promise<Socket | null> {
  response.removeHeader('transfer-encoding');
  response.writeHead(200, headers);
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.write(text, () => resolve());
  });
  return response.socket;
}

/** So little that a reader which cannot take it within `stuckMs` is as good as gone. */
const sliceBytes = 256 * 1024;
const stuckMs = 60_000;

/** Tells the reader how soon to come back, and where it is when that is not where it thought. */
function opening(generation: number, { seq, reset }: ReadingPlace): string {
  const retry = `retry: ${retryMs}\n\n`;
  if (reset === null) return retry;
  const cursor = formatCursor(generation, seq);
  return `${retry}id: ${cursor}\nevent: reset\ndata: ${JSON.stringify({ ...reset, cursor })}\n\n`;
}

const retryMs = 1_000;

/** Resolves when the reader has taken what was written, or will not any more. */
async function drained(socket: Socket, signal: AbortSignal, clock: Pick<Clock, 'setTimer'>): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = () => resolve(undefined);
  const stuck = clock.setTimer(stuckMs, () => {
    socket.destroy();
    done();
  });
  socket.once('drain', done);
  signal.addEventListener('abort', done, { once: true });
  await promise;
  stuck.cancel();
  socket.off('drain', done);
  signal.removeEventListener('abort', done);
}

const heartbeatMs = 15_000;

/** A comment now and then keeps proxies from closing a silent stream, and finds out about readers that have gone. */
function startHeartbeat(socket: Socket, clock: Pick<Clock, 'setTimer'>): { cancel(): void } {
  const beat = () => {
    if (!socket.writableNeedDrain) socket.write(': keep-alive\n\n');
    timer = clock.setTimer(heartbeatMs, beat);
  };
  let timer = clock.setTimer(heartbeatMs, beat);
  return { cancel: () => timer.cancel() };
}
