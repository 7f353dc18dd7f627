import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionId } from '../../../contracts/ids.ts';
import { openLog, output } from '../../../log/fixtures/open-log.ts';
import { nextTurn } from '../../../log/next-turn.ts';
import type { Owner } from '../../../store/rows.ts';
import { owner, startApi, type ApiUnderTest } from '../api-under-test.ts';
import { heldClock, ownersOf, SocketClient } from './socket-under-test.ts';

const megabyte = 1024 * 1024;

let place: Awaited<ReturnType<typeof openLog>>;
let api: ApiUnderTest;
/** The server's ends of all connections, as they were opened. */
let ends: Socket[];
let sessions: Map<SessionId, Owner>;
let time: ReturnType<typeof heldClock>;
const clients: SocketClient[] = [];
const noteEnd = (message: unknown) => void ends.push((message as { socket: Socket }).socket);

beforeEach(async () => {
  ends = [];
  subscribe('net.server.socket', noteEnd);
  place = await openLog();
  sessions = new Map();
  time = heldClock();
  api = await startApi({
    log: place.log,
    clock: time.clock,
    supervisor: { ...ownersOf(sessions), runs: async () => [] },
  });
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await api.stop();
  unsubscribe('net.server.socket', noteEnd);
});

async function newSession(): Promise<SessionId> {
  const sessionId = await place.newSession();
  sessions.set(sessionId, owner);
  return sessionId;
}

async function newClient(): Promise<{ client: SocketClient; end: Socket }> {
  const client = await SocketClient.open(api);
  clients.push(client);
  const end = ends.at(-1);
  if (end === undefined) throw new Error('The connection has no end on the server');
  return { client, end };
}

/** Each a little over 1 KB, so many that they are so many megabytes. */
async function append(sessionId: SessionId, megabytes: number): Promise<void> {
  const line = output('x'.repeat(1_024));
  for (let count = 0; count < megabytes; count += 1) {
    await place.append(sessionId, ...Array.from({ length: 1_024 }, () => line));
  }
}

/** The most that waits on a connection while something is done. */
async function mostWaiting(end: Socket, work: Promise<unknown>): Promise<number> {
  let most = 0;
  const over = work.then(() => true);
  while (!(await Promise.race([over, nextTurn().then(() => false)]))) most = Math.max(most, end.writableLength);
  return most;
}

const beat = () => time.fire(15_000);

/** On a machine with other work. */
const patience = { timeout: 30_000 };

/** Resolves when the server has put on a connection all that it will while nobody reads. */
async function stuck(end: Socket): Promise<void> {
  let before = -1;
  await expect
    .poll(() => {
      const isStill = end.writableLength > 0 && end.bytesWritten === before;
      before = end.bytesWritten;
      return isStill;
    }, patience)
    .toBe(true);
}

describe('a client that never reads', () => {
  it('costs less than 4 MB, however much is told on how many sessions, and others nothing', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, newSession));
    for (const sessionId of ids) await append(sessionId, 1);
    const { client: silent, end } = await newClient();
    const { client: other } = await newClient();
    silent.socket.pause();
    for (const sessionId of ids) silent.say({ type: 'subscribe', sessionId });
    const [first = ids[0]] = ids;
    other.say({ type: 'subscribe', sessionId: first as SessionId });
    const told = Promise.all([...ids.map((sessionId) => append(sessionId, 1)), other.seqs(first as SessionId, 2_048)]);
    expect(await mostWaiting(end, told)).toBeLessThan(2 * megabyte);
    await stuck(end);
    // It is cut, and what waited for it is given up.
    for (let beats = 0; beats < 5; beats += 1) beat();
    time.fire(10_000);
    await expect.poll(() => end.destroyed, patience).toBe(true);
    expect(other.socket.readyState).toBe(other.socket.OPEN);
  });

  it('is closed with 4408 after a minute, and comes back with its cursors without a gap', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, newSession));
    const { client, end } = await newClient();
    for (const sessionId of ids) client.say({ type: 'subscribe', sessionId });
    await client.settled();
    client.socket.pause();
    const appended = Promise.all(ids.map((sessionId) => append(sessionId, 10)));
    await stuck(end);
    for (let beats = 0; beats < 5; beats += 1) beat();
    await appended;
    client.socket.resume();
    const { code, reason } = await client.closed;
    expect(code).toBe(4408);
    expect(reason).toContain('come back with your cursors');

    const { client: next } = await newClient();
    const seen = new Map(ids.map((sessionId) => [sessionId, { seq: 0, cursor: undefined as string | undefined }]));
    const take = (frame: Awaited<ReturnType<typeof next.hear<'events'>>>) => {
      const reader = seen.get(frame.sessionId as SessionId);
      if (reader === undefined) throw new Error(`Events of ${frame.sessionId} came`);
      for (const { seq, prev } of frame.events) {
        expect(prev).toBe(reader.seq);
        reader.seq = seq;
      }
      reader.cursor = frame.cursor;
    };
    for (const frame of client.unheard) if (frame.type === 'events') take(frame);
    expect([...seen.values()].some(({ seq }) => seq < 10_240)).toBe(true);
    for (const [sessionId, { cursor }] of seen) {
      next.say({ type: 'subscribe', sessionId, ...(cursor === undefined ? {} : { after: cursor }) });
    }
    while ([...seen.values()].some(({ seq }) => seq < 10_240)) take(await next.hear('events'));
  });

  it('is not cut while it takes something', async () => {
    const sessionId = await newSession();
    const { client, end } = await newClient();
    client.say({ type: 'subscribe', sessionId });
    await client.settled();
    client.socket.pause();
    // More each time than the kernel's buffers hold, of which the client may take all.
    for (let round = 0; round < 3; round += 1) {
      await append(sessionId, 16);
      await stuck(end);
      for (let beats = 0; beats < 4; beats += 1) beat();
      const before = end.bytesWritten - end.writableLength;
      client.socket.resume();
      await expect.poll(() => end.bytesWritten - end.writableLength, patience).toBeGreaterThan(before);
      client.socket.pause();
    }
    client.socket.resume();
    expect(await client.seqs(sessionId, 48 * 1_024)).toHaveLength(48 * 1_024);
  });

  it('is closed with 4408 when more of what cannot be read again waits for it than may', async () => {
    const { client, end } = await newClient();
    client.socket.pause();
    const told = (async () => {
      for (let count = 0; count < 200_000 && !end.destroyed && !end.writableEnded; count += 1) {
        client.say({ type: 'ping', id: 'x'.repeat(100) });
        if (count % 1_000 === 0) await nextTurn();
      }
    })();
    expect(await mostWaiting(end, told)).toBeLessThan(2 * megabyte);
    client.socket.resume();
    expect((await client.closed).code).toBe(4408);
  });

  it('is closed with 4408 when the lives of its sessions are more than it takes', async () => {
    const sessionId = await newSession();
    const { client, end } = await newClient();
    client.say({ type: 'watch' });
    await client.hear('watching');
    client.socket.pause();
    const queued = { type: 'run.queued', data: { prompt: 'x'.repeat(10_000) } } as const;
    const told = (async () => {
      for (let count = 0; count < 200; count += 1)
        await place.append(sessionId, ...Array.from({ length: 20 }, () => queued));
    })();
    expect(await mostWaiting(end, told)).toBeLessThan(2 * megabyte);
    client.socket.resume();
    expect((await client.closed).code).toBe(4408);
  });

  it('does not keep the server from stopping', async () => {
    const sessionId = await newSession();
    const { client, end } = await newClient();
    client.socket.pause();
    client.say({ type: 'subscribe', sessionId });
    await append(sessionId, 20);
    await stuck(end);
    const stopped = api.stop();
    await nextTurn();
    time.fire(2_000);
    await stopped;
    expect(end.destroyed).toBe(true);
  });

  it('is not answered when it pings without an end', async () => {
    const { client, end } = await newClient();
    client.socket.pause();
    const pinged = (async () => {
      for (let count = 0; count < 200_000; count += 1) {
        client.socket.ping('x'.repeat(125));
        if (count % 1_000 === 0) await nextTurn();
      }
    })();
    expect(await mostWaiting(end, pinged)).toBeLessThan(megabyte);
    client.socket.resume();
    await client.settled();
  });
});

describe('many sessions on one socket', () => {
  it('take turns: who has much to read does not keep the others waiting', async () => {
    const [much, little] = [await newSession(), await newSession()];
    await append(much, 20);
    await append(little, 1);
    const { client } = await newClient();
    client.say({ type: 'subscribe', sessionId: much });
    client.say({ type: 'subscribe', sessionId: little });
    const last = { [much]: 0, [little]: 0 };
    while ((last[little] ?? 0) < 1_024) {
      const { sessionId, events } = await client.hear('events');
      last[sessionId] = events.at(-1)?.seq ?? 0;
    }
    expect(last[much]).toBeLessThan(5_000);
  });

  it('share a frame’s limit, but for an event that is larger by itself', async () => {
    const [small, large] = [await newSession(), await newSession()];
    await append(small, 3);
    await place.append(large, output('a'), output('x'.repeat(3 * megabyte)), output('b'));
    const { client } = await newClient();
    const sizes: number[] = [];
    client.socket.on('message', (data: Buffer) => sizes.push(data.length));
    client.say({ type: 'subscribe', sessionId: small });
    await client.seqs(small, 3 * 1_024);
    await append(small, 3);
    await client.seqs(small, 3 * 1_024);
    expect(Math.max(...sizes)).toBeLessThan(megabyte);
    client.say({ type: 'subscribe', sessionId: large });
    expect(await client.seqs(large, 3)).toEqual([1, 2, 3]);
  });
});
