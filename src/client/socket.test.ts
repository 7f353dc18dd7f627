import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { ClientFrame } from '../contracts/socket.ts';
import { createClient, ProblemError, type DroverSocket } from './client.ts';

/** A server that keeps what it hears, and says what a test has it say. */
let server: Server;
let connections: Set<Socket>;
let url: string;
let socket: DroverSocket;
let heard: ClientFrame[];
let news: PromiseWithResolvers<undefined>;
let peers: WebSocket[];
let offered: (string | undefined)[];
/** How it answers a plain request to the place of the WebSocket; null: it lets in. */
let refusal: { status: number; code: string } | null;

beforeEach(async () => {
  heard = [];
  peers = [];
  offered = [];
  refusal = null;
  connections = new Set();
  news = Promise.withResolvers();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'drover.v1' });
  server = createServer((_, response) => {
    const { status, code } = refusal ?? { status: 426, code: 'invalid_request' };
    const problem = { type: `urn:drover:problem:${code}`, title: 'No', status, code, detail: `Because of ${code}` };
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  server.on('connection', (connection) => connections.add(connection));
  server.on('upgrade', (request, connection: Socket, head) => {
    offered.push(request.headers['sec-websocket-protocol']);
    if (refusal !== null) {
      connection.end(`HTTP/1.1 ${refusal.status} No\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, connection, head, (peer) => {
      peers.push(peer);
      peer.on('message', (data: Buffer) => {
        heard.push(ClientFrame.parse(JSON.parse(data.toString())));
        news.resolve(undefined);
        news = Promise.withResolvers();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  socket = createClient({ url, token: 'drv_secret' }).socket({ maxWaiting: 3 });
});

afterEach(() => {
  socket.close();
  for (const connection of connections) connection.destroy();
  server.close();
});

/** The frames so far, as soon as there are so many. */
async function hear(count: number): Promise<ClientFrame[]> {
  while (heard.length < count) await news.promise;
  return heard;
}

const say = (frame: unknown) => peers.at(-1)?.send(JSON.stringify(frame));
const event = (seq: number) => ({ seq, prev: seq - 1 });
const sayEvents = (sessionId: string, first: number, last = first) =>
  say({
    type: 'events',
    sessionId,
    cursor: `3-${last}`,
    events: Array.from({ length: last - first + 1 }, (_, n) => event(first + n)),
  });
const problem = (code: string) => ({
  type: `urn:drover:problem:${code}`,
  title: 'No',
  status: 404,
  code,
  detail: code,
});

interface Reading<Item> {
  next(): Promise<Item | undefined>;
  leave(): Promise<unknown>;
}

function read<Item>(items: AsyncIterable<Item>): Reading<Item> {
  const iterator = items[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { value, done } = (await iterator.next()) as IteratorResult<Item, undefined>;
      return done === true ? undefined : value;
    },
    leave: () => iterator.return?.() ?? Promise.resolve(),
  };
}

describe('a socket', () => {
  it('offers its token as a protocol, and is not opened before it is used', async () => {
    expect(offered).toEqual([]);
    void read(socket.subscribe('a')).next();
    expect(await hear(1)).toEqual([{ type: 'subscribe', id: 'a', sessionId: 'a' }]);
    expect(offered).toEqual(['drover.v1, drover.token.drv_secret']);
  });

  it('brings each session’s events to who reads it', async () => {
    const [a, b] = [read(socket.subscribe('a', { after: '3-1' })), read(socket.subscribe('b'))];
    const items = [a.next(), b.next()];
    expect(await hear(2)).toMatchObject([{ sessionId: 'a', after: '3-1' }, { sessionId: 'b' }]);
    sayEvents('b', 1);
    say({ type: 'something new' });
    say({ type: 'reset', sessionId: 'a', reason: 'pruned', cursor: '3-4' });
    sayEvents('a', 5);
    expect(await Promise.all(items)).toEqual([{ reset: { reason: 'pruned', cursor: '3-4' } }, event(1)]);
    expect(await a.next()).toEqual(event(5));
  });

  it('comes back with the cursors of all who read, whatever ends it', async () => {
    const [a, b] = [read(socket.subscribe('a')), read(socket.subscribe('b', { after: '3-7' }))];
    const items = [a.next(), b.next()];
    await hear(2);
    sayEvents('a', 1, 2);
    expect(await items[0]).toEqual(event(1));
    for (const [end, code] of [1001, 4408, 0].entries()) {
      if (code === 0) peers.at(-1)?.terminate();
      else peers.at(-1)?.close(code);
      expect((await hear(4 + end * 2)).slice(-2)).toEqual([
        { type: 'subscribe', id: 'a', sessionId: 'a', after: '3-2' },
        { type: 'subscribe', id: 'b', sessionId: 'b', after: '3-7' },
      ]);
    }
    sayEvents('a', 3);
    expect([await a.next(), await a.next()]).toEqual([event(2), event(3)]);
  });

  it('has a session held back while its reader does not keep up, and goes on where it was', async () => {
    const a = read(socket.subscribe('a'));
    const first = a.next();
    await hear(1);
    sayEvents('a', 1);
    expect(await first).toEqual(event(1));
    sayEvents('a', 2, 5);
    expect((await hear(2))[1]).toEqual({ type: 'unsubscribe', id: 'a', sessionId: 'a' });
    // Still on its way when the server was told.
    sayEvents('a', 6);
    for (const seq of [2, 3, 4, 5, 6]) expect(await a.next()).toEqual(event(seq));
    const next = a.next();
    expect(heard).toHaveLength(2);
    say({ type: 'unsubscribed', id: 'a', sessionId: 'a' });
    expect((await hear(3))[2]).toEqual({ type: 'subscribe', id: 'a', sessionId: 'a', after: '3-6' });
    sayEvents('a', 7);
    expect(await next).toEqual(event(7));
  });

  it('gives a reader who follows another nothing of theirs', async () => {
    const one = read(socket.subscribe('a'));
    const item = one.next();
    await hear(1);
    sayEvents('a', 1);
    await item;
    await one.leave();
    const other = read(socket.subscribe('a', { after: '3-0' }));
    const first = other.next();
    expect((await hear(2))[1]).toMatchObject({ type: 'unsubscribe' });
    sayEvents('a', 2);
    say({ type: 'unsubscribed', sessionId: 'a' });
    expect((await hear(3))[2]).toMatchObject({ type: 'subscribe', after: '3-0' });
    sayEvents('a', 1);
    expect(await first).toEqual(event(1));
  });

  it('lets a session be read by one at a time', async () => {
    void read(socket.subscribe('a')).next();
    await expect(read(socket.subscribe('a')).next()).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('ends who reads without an error when that aborts, or the socket is closed', async () => {
    const leave = new AbortController();
    const [a, b, lives] = [
      read(socket.subscribe('a', { signal: leave.signal })),
      read(socket.subscribe('b')),
      read(socket.watch()),
    ];
    const items = [a.next(), b.next(), lives.next()];
    await hear(3);
    leave.abort();
    expect(await items[0]).toBeUndefined();
    expect((await hear(4))[3]).toMatchObject({ type: 'unsubscribe', sessionId: 'a' });
    const peer = peers.at(-1);
    socket.close();
    expect(await Promise.all(items)).toEqual([undefined, undefined, undefined]);
    if (peer !== undefined) await once(peer, 'close');
    expect(await read(socket.subscribe('a', { signal: AbortSignal.abort() })).next()).toBeUndefined();
  });

  it('can be used again when it was closed', async () => {
    const gone = read(socket.subscribe('a')).next();
    await hear(1);
    socket.close();
    await gone;
    void read(socket.subscribe('b')).next();
    expect((await hear(2))[1]).toMatchObject({ sessionId: 'b' });
  });

  it('tells of lives, and of all open runs again when it has come back', async () => {
    const lives = read(socket.watch());
    const first = lives.next();
    expect(await hear(1)).toEqual([{ type: 'watch', id: '(lives)' }]);
    say({ type: 'watching', runs: [] });
    say({ type: 'lifecycle', event: event(1) });
    expect([await first, await lives.next()]).toEqual([{ runs: [] }, event(1)]);
    const next = lives.next();
    peers.at(-1)?.terminate();
    await hear(2);
    say({ type: 'watching', runs: [] });
    expect(await next).toEqual({ runs: [] });
    await lives.leave();
    expect((await hear(3))[2]).toMatchObject({ type: 'unwatch' });
  });
});

describe('an answer', () => {
  it('goes out as soon as there is a connection, and its outcome comes back', async () => {
    const [yes, no] = [
      socket.answer('prm_1', { decision: 'allow' }),
      socket.answer('prm_2', { decision: 'deny', message: 'No' }),
    ];
    const [first, second] = await hear(2);
    expect(first).toMatchObject({ type: 'answer', permissionId: 'prm_1', answer: { decision: 'allow' } });
    say({ type: 'error', id: second?.id, problem: problem('already_resolved') });
    say({ type: 'answered', id: first?.id, permission: { id: 'prm_1' } });
    expect(await yes).toEqual({ id: 'prm_1' });
    await expect(no).rejects.toMatchObject({ code: 'already_resolved' });
  });

  it('is not sent twice where the connection is lost: nobody knows whether it arrived', async () => {
    const answer = socket.answer('prm_1', { decision: 'allow' });
    await hear(1);
    peers.at(-1)?.terminate();
    await expect(answer).rejects.toMatchObject({ code: 'server_unreachable' });
  });
});

describe('trouble', () => {
  it('with one session ends who reads that, and nobody else', async () => {
    const [a, b] = [read(socket.subscribe('a')).next(), read(socket.subscribe('b')).next()];
    await hear(2);
    say({ type: 'error', id: 'a', problem: problem('not_found') });
    sayEvents('b', 1);
    await expect(a).rejects.toBeInstanceOf(ProblemError);
    await expect(a).rejects.toMatchObject({ code: 'not_found' });
    expect(await b).toEqual(event(1));
  });

  it('with the token is told as the server tells it', async () => {
    refusal = { status: 401, code: 'unauthenticated' };
    await expect(read(socket.subscribe('a')).next()).rejects.toMatchObject({ code: 'unauthenticated' });
    // And it can be tried again.
    refusal = null;
    void read(socket.subscribe('a')).next();
    await hear(1);
  });

  it('with a server that is on its way out passes', async () => {
    refusal = { status: 503, code: 'shutting_down' };
    void read(socket.subscribe('a')).next();
    await expect.poll(() => offered.length).toBe(2);
    refusal = null;
    await hear(1);
  });

  it.each([4400, 4429, 1009])('that would come again is not tried again: %i', async (code) => {
    const item = read(socket.subscribe('a')).next();
    await hear(1);
    peers.at(-1)?.close(code, 'a reason');
    await expect(item).rejects.toMatchObject({ detail: `The WebSocket was closed with ${code}: a reason` });
    expect(peers).toHaveLength(1);
  });

  it('with a server that does not come back ends with a clear error', async () => {
    const impatient = createClient({ url, token: 'x' }).socket({ maxRetries: 1 });
    const item = read(impatient.subscribe('a')).next();
    await hear(1);
    server.close();
    for (const connection of connections) connection.destroy();
    await expect(item).rejects.toMatchObject({ code: 'server_unreachable' });
  });

  it('with something that is no Drover server is noticed', async () => {
    const item = read(socket.subscribe('a')).next();
    await hear(1);
    peers.at(-1)?.send('{');
    await expect(item).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('with a token that cannot be offered is told like that of any other', async () => {
    refusal = { status: 401, code: 'unauthenticated' };
    const odd = createClient({ url, token: 'no token, at all' }).socket();
    await expect(read(odd.subscribe('a')).next()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
