import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../contracts/events.ts';
import { createClient, ProblemError, type DroverClient, type StreamReset } from './client.ts';

/** Answers the requests one after the other, the last one for ever. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let client: DroverClient;
let answers: Answer[];
let requests: { line: string; headers: IncomingMessage['headers']; body: string }[];

beforeEach(async () => {
  answers = [];
  requests = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ url, token: 'drv_secret' });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const sessionId = 'ses_01890000-0000-7000-8000-000000000001';
const run = {
  id: 'run_01890000-0000-7000-8000-000000000002',
  sessionId,
  profile: 'claude',
  state: 'queued',
  since: '2026-11-21T10:00:00.000Z',
  reason: null,
  message: null,
  evidence: 'waits for a slot',
  mode: 'queue',
  requestedVerb: null,
  permissions: { isAllowAll: false, rules: ['ask everything (server)'], pending: [] },
  queuePosition: 1,
  live: null,
  prompt: 'Hello',
  answer: null,
  answerSource: null,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
  attempts: 0,
  createdAt: '2026-11-21T10:00:00.000Z',
  startedAt: null,
  endedAt: null,
};

const json =
  (status: number, body: unknown): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const problem = (status: number, code: string) =>
  json(status, { type: `urn:drover:problem:${code}`, title: 'No', status, code, detail: `Because of ${code}` });

const frame = (seq: number) => `id: 3-${seq}\ndata: ${JSON.stringify({ seq, prev: seq - 1 })}\n\n`;

/** Sends the frames; then the stream stays open, ends or breaks. */
const stream =
  (frames: string, then: 'open' | 'end' | 'break' = 'open'): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 1000\n\n: hello\n\n${frames}`, () => {
      if (then === 'end') response.end();
      if (then === 'break') response.destroy();
    });
  };

async function take(items: AsyncIterable<Event | StreamReset>, count: number): Promise<(number | StreamReset)[]> {
  const taken: (number | StreamReset)[] = [];
  for await (const item of items) {
    taken.push('reset' in item ? item : item.seq);
    if (taken.length === count) break;
  }
  return taken;
}

describe('a request', () => {
  it('carries the token, and a body as JSON', async () => {
    answers = [json(202, run)];
    const created = await client.createRun(sessionId, { prompt: 'Hello' }, { idempotencyKey: 'k' });
    expect(created).toEqual({ run, isRepeated: false, isSteered: false });
    expect(requests[0]).toMatchObject({
      line: `POST /v1/sessions/${sessionId}/runs`,
      headers: { authorization: 'Bearer drv_secret', 'idempotency-key': 'k', 'content-type': 'application/json' },
      body: '{"prompt":"Hello"}',
    });
  });

  it.each([
    ['queue', 202, {}, { isRepeated: false, isSteered: false }],
    ['queue', 200, { 'idempotent-replayed': 'true' }, { isRepeated: true, isSteered: false }],
    ['steer', 200, {}, { isRepeated: false, isSteered: true }],
    ['steer', 200, { 'idempotent-replayed': 'true' }, { isRepeated: true, isSteered: true }],
  ] as const)('in mode %s says of status %i what became of a prompt: %j', async (mode, status, headers, expected) => {
    answers = [(_, response) => response.writeHead(status, headers).end(JSON.stringify(run))];
    expect(await client.createRun(sessionId, { prompt: 'Hello', mode })).toEqual({ run, ...expected });
  });

  it('puts filters into the query and ids into the path, encoded', async () => {
    answers = [json(200, { runs: [run] })];
    const { answer: _, answerSource: __, ...summary } = run;
    const { rules: _rules, ...permissions } = run.permissions;
    expect(await client.runs({ open: true, limit: 5 })).toEqual([{ ...summary, permissions }]);
    answers = [problem(400, 'invalid_request')];
    await client.run('../sessions?x').catch(() => undefined);
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /v1/runs?open=true&limit=5',
      'GET /v1/runs/..%2Fsessions%3Fx',
    ]);
  });

  it('asks for events up to a place, and is told where they begin', async () => {
    const page = { events: [], cursor: '3-9', hasMore: false, start: '3-7', hasEarlier: true };
    answers = [json(200, page)];
    expect(await client.eventPage(sessionId, { before: 'end', limit: 2 })).toEqual(page);
    expect(requests.map(({ line }) => line)).toEqual([`GET /v1/sessions/${sessionId}/events?before=end&limit=2`]);
  });

  it('passes on what a newer server adds to its lists, and drops it from what it knows', async () => {
    answers = [json(200, { ...run, mood: 'good' })];
    expect(await client.stop(run.id)).toEqual(run);
  });
});

describe('trouble', () => {
  it('is a ProblemError with code, status and detail', async () => {
    answers = [problem(409, 'wrong_state')];
    const error = await client.cancel(run.id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      code: 'wrong_state',
      status: 409,
      detail: 'Because of wrong_state',
      message: 'Because of wrong_state',
    });
  });

  it('is named where no server answers', async () => {
    server.close();
    await expect(client.profiles()).rejects.toMatchObject({
      code: 'server_unreachable',
      detail: `No Drover server answers at ${url}; start one with "drover serve"`,
    });
  });

  it('is named where something else answers', async () => {
    answers = [(_, response) => response.writeHead(404).end('<html>')];
    await expect(client.profiles()).rejects.toMatchObject({
      status: 404,
      detail: expect.stringContaining('no answer of a Drover server') as string,
    });
    answers = [json(200, { hello: 'world' })];
    await expect(client.profiles()).rejects.toThrow('is not what this client expects');
  });

  it('does not follow a redirect, to which the token would go', async () => {
    answers = [(_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()];
    await expect(client.profiles()).rejects.toMatchObject({ code: 'server_unreachable' });
    expect(requests).toHaveLength(1);
  });
});

describe('events', () => {
  it('come as they are sent', async () => {
    answers = [stream(frame(1) + frame(2))];
    expect(await take(client.events(sessionId), 2)).toEqual([1, 2]);
    expect(requests[0]?.headers.accept).toBe('text/event-stream');
    expect(requests[0]?.headers).not.toHaveProperty('last-event-id');
  });

  it('go on at the cursor of the last one when the connection ends or breaks', async () => {
    answers = [
      stream(frame(1) + frame(2), 'end'),
      stream(frame(3), 'break'),
      problem(503, 'shutting_down'),
      stream(frame(4)),
    ];
    expect(await take(client.events(sessionId, { after: '3-0' }), 4)).toEqual([1, 2, 3, 4]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual(['3-0', '3-2', '3-3', '3-3']);
  });

  it('are whole although the stream is cut anywhere', async () => {
    const text = frame(1).replace('}', ',"text":"Ä🙂"}');
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const byte of Buffer.from(text + frame(2))) response.write(Buffer.of(byte));
      },
    ];
    const items: unknown[] = [];
    for await (const item of client.events(sessionId)) if (items.push(item) === 2) break;
    expect(items).toEqual([
      { seq: 1, prev: 0, text: 'Ä🙂' },
      { seq: 2, prev: 1 },
    ]);
  });

  it('say when they start again from the beginning', async () => {
    answers = [
      stream(`id: 4-0\nevent: reset\ndata: {"reason":"generation","cursor":"4-0"}\n\n`, 'break'),
      stream(frame(1)),
    ];
    expect(await take(client.events(sessionId, { after: '3-9' }), 2)).toEqual([
      { reset: { reason: 'generation', cursor: '4-0' } },
      1,
    ]);
    expect(requests[1]?.headers['last-event-id']).toBe('4-0');
  });

  it('end with the refusal of a server that refuses', async () => {
    answers = [stream(frame(1), 'end'), problem(404, 'not_found')];
    await expect(take(client.events(sessionId), 9)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('end with a clear error where the server does not come back', async () => {
    answers = [
      (request, response) => {
        server.close();
        stream(frame(1), 'break')(request, response);
      },
    ];
    await expect(take(client.events(sessionId, { maxRetries: 1 }), 9)).rejects.toMatchObject({
      code: 'server_unreachable',
    });
  });

  it('end without an error when the reader aborts, wherever that is', async () => {
    const leave = new AbortController();
    answers = [stream(frame(1))];
    const seqs: unknown[] = [];
    for await (const item of client.events(sessionId, { signal: leave.signal })) {
      seqs.push(item);
      leave.abort();
    }
    expect(seqs).toHaveLength(1);
    expect(await take(client.events(sessionId, { signal: AbortSignal.abort() }), 1)).toEqual([]);
  });

  it('close their connection when the reader leaves the loop', async () => {
    const closed = Promise.withResolvers<undefined>();
    answers = [
      (request, response) => {
        response.once('close', () => closed.resolve(undefined));
        stream(frame(1))(request, response);
      },
    ];
    await take(client.events(sessionId), 1);
    await closed.promise;
  });
});

describe('a raw log', () => {
  it('is a stream of bytes from an offset', async () => {
    answers = [(_, response) => response.writeHead(206).end('world')];
    expect(await new Response(await client.rawLog(run.id, 'stdout', { offset: 6, attempt: 2 })).text()).toBe('world');
    expect(requests[0]).toMatchObject({
      line: `GET /v1/runs/${run.id}/logs/stdout?attempt=2`,
      headers: { range: 'bytes=6-' },
    });
  });

  it('is empty where nothing lies beyond the offset', async () => {
    answers = [problem(416, 'invalid_request')];
    expect(await new Response(await client.rawLog(run.id, 'stdout', { offset: 6 })).text()).toBe('');
  });
});
