import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from './gate.ts';
import type { Ids, ModelApi } from './model-api.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { ApiError, GateAt, MessageReply, Reply } from './reply.ts';
import { until } from './until.ts';

export interface Delivery {
  readonly api: ModelApi;
  readonly request: RecordedRequest;
  readonly stream: boolean;
  readonly ids: Ids;
  /** What a stalled stream waits for. */
  readonly stall: Gate;
  /** Aborts when the client goes. */
  readonly signal: AbortSignal;
}

/** Sends a reply: its delay, its gates, its faults. Rejects with the signal's reason when the client goes first. */
export async function deliver(response: ServerResponse, reply: Reply, delivery: Delivery): Promise<void> {
  if (reply.delayMs) await sleep(reply.delayMs, undefined, { signal: delivery.signal });
  if ('error' in reply) deliverError(response, reply.error, delivery);
  else if (delivery.stream) await deliverStream(response, reply, delivery);
  else await deliverMessage(response, reply, delivery);
}

/** Answers with an HTTP error status. */
export function deliverError(
  response: ServerResponse,
  error: ApiError,
  { api, ids }: Pick<Delivery, 'api' | 'ids'>,
): void {
  response.writeHead(error.status, { 'content-type': 'application/json', ...error.headers });
  response.end(JSON.stringify(api.errorBody(error, ids)));
}

async function deliverMessage(response: ServerResponse, reply: MessageReply, delivery: Delivery): Promise<void> {
  const { api, request, ids, signal } = delivery;
  for (const { until: gate } of gatesOf(reply)) await pass(gate, signal);
  const body = JSON.stringify(api.message(reply, request, ids));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(reply.malformed ? firstHalf(body) : body);
}

async function deliverStream(response: ServerResponse, reply: MessageReply, delivery: Delivery): Promise<void> {
  const { api, request, ids, stall, signal } = delivery;
  const events = api.events(reply, request, ids);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (reply.malformed) {
    response.end(`${firstHalf(events.join('').split('\n\n', 1).join(''))}\n\n`);
    return;
  }
  for (let sent = 0; ; sent += 1) {
    for (const gate of gatesOf(reply)) if (gate.afterEvents === sent) await pass(gate.until, signal);
    if (reply.stallAfterEvents === sent) await pass(stall, signal);
    if (reply.cutAfterEvents === sent) {
      response.destroy();
      return;
    }
    if (reply.errorAfterEvents === sent) {
      response.end(api.errorEvent(reply.streamError ?? { status: 529 }));
      return;
    }
    const event = events[sent];
    if (event === undefined) break;
    if (reply.paceMs) await sleep(reply.paceMs, undefined, { signal });
    await write(response, event, signal);
  }
  response.end();
}

/** Resolves when the kernel has the bytes, so that neither a gate nor a cut comes before them. */
function write(response: ServerResponse, event: string, signal: AbortSignal): Promise<void> {
  return until(new Promise((resolve) => void response.write(event, () => resolve())), signal);
}

function pass(gate: Gate, signal: AbortSignal): Promise<void> {
  gate.reach();
  return until(gate.opened, signal);
}

function gatesOf({ gate }: MessageReply): readonly GateAt[] {
  if (gate === undefined) return [];
  return 'until' in gate ? [gate] : gate;
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}
