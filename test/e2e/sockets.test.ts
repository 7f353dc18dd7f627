import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { end, numbered, print, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { lifecycleTypes, socketPath, type ServerFrame } from '../../src/contracts/socket.ts';
import { expectInOrder, followUntil, isProcessExit, numbersIn, readPages } from './collect.ts';
import { residentBytes } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

const megabyte = 1024 * 1024;

let server: TestServer;

beforeEach(async () => {
  server = new TestServer({ config: { logLevel: 'warn' } });
  await server.start();
});

afterEach(() => server.dispose());

describe('sockets that never read (FAULTS 20)', () => {
  test('cost the server less than 4 MB each and others nothing, and go on at their cursors without a gap', async () => {
    const gate = join(server.place, 'gate');
    const ids = await Promise.all(Array.from({ length: 4 }, () => server.session()));
    const line = `${'x'.repeat(9_999)}\n`;
    const printed = print(line, { repeat: 800, newline: false });
    const steps = [say('first'), waitForFile(gate), printed, say('last'), end({ answer: 'printed' })];
    for (const sessionId of ids) {
      await server.client.createRun(sessionId, { prompt: script(...steps) });
      await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
    }
    const stuck = await Promise.all(Array.from({ length: 60 }, () => openStuckSocket(ids)));
    try {
      const before = residentBytes(server.pid);
      let peakBytes = before;
      writeFileSync(gate, '');
      let isOver = false;
      const all = Promise.all(ids.map((sessionId) => followUntil(server.client, sessionId, isProcessExit)));
      const over = all.finally(() => (isOver = true));
      await until(() => {
        peakBytes = Math.max(peakBytes, residentBytes(server.pid));
        return isOver;
      }, 'all to be printed');
      await over;
      // All of it for each of them would be 1,900 MB; what printing it costs without them (130 MB) is allowed for.
      expect(peakBytes - before).toBeLessThan(stuck.length * 4 * megabyte + 160 * megabyte);

      for (const socket of stuck.slice(0, 3)) await expectRest(socket, ids);
    } finally {
      for (const socket of stuck) socket.terminate();
    }
  });
});

/** Follows all the sessions, and takes nothing of them. */
async function openStuckSocket(sessionIds: readonly string[]): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${server.token}` };
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${socketPath}`, { headers });
  await once(socket, 'open');
  socket.pause();
  for (const sessionId of sessionIds) socket.send(JSON.stringify({ type: 'subscribe', sessionId }));
  return socket;
}

/** Takes some of what is on its way to a socket that stood still, leaves, and goes on from there on another. */
async function expectRest(stuck: WebSocket, sessionIds: readonly string[]): Promise<void> {
  const read = new Map(sessionIds.map((sessionId) => [sessionId, { events: [] as Event[], cursor: '0' }]));
  let frames = 0;
  stuck.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as ServerFrame;
    if (frame.type !== 'events' || stuck.readyState !== stuck.OPEN) return;
    const reader = read.get(frame.sessionId);
    reader?.events.push(...frame.events);
    if (reader !== undefined) reader.cursor = frame.cursor;
    if ((frames += 1) === 6) stuck.terminate();
  });
  stuck.resume();
  await once(stuck, 'close');
  const socket = server.client.socket();
  for (const [sessionId, { events, cursor }] of read) {
    for await (const item of socket.subscribe(sessionId, { after: cursor })) {
      if ('reset' in item) throw new Error(`The socket was reset: ${item.reset.reason}`);
      events.push(item);
      if (isProcessExit(item)) break;
    }
    expectInOrder(events);
    const stored = await readPages(server.client, sessionId);
    expect(events.filter(({ seq }) => stored.some((event) => event.seq === seq))).toEqual(stored);
  }
  socket.close();
}

describe('a client’s socket', () => {
  test('brings all that several agents say, over restarts of the server, and tells of their lives', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, () => server.session()));
    const gate = join(server.place, 'gate');
    const steps = [numbered(100, { everyMs: 1 }), waitForFile(gate), numbered(100, { everyMs: 1 }), end()];
    const socket = server.client.socket();
    try {
      const lives: string[] = [];
      let openings = 0;
      const watching = (async () => {
        for await (const item of socket.watch()) {
          if ('runs' in item) {
            openings += 1;
            continue;
          }
          expect(lifecycleTypes.has(item.type)).toBe(true);
          lives.push(`${item.sessionId} ${item.type}`);
        }
      })();
      const readers = ids.map((sessionId) => readAll(socket.subscribe(sessionId)));
      for (const sessionId of ids) await server.client.createRun(sessionId, { prompt: script(...steps) });
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await until(() => openings > 0, 'the socket to be there');
        openings = 0;
        await server.signal(signal);
        await server.start();
      }
      // What happens while it is away is told by the runs alone.
      await until(() => openings > 0, 'the socket to have come back');
      writeFileSync(gate, '');
      for (const [index, events] of (await Promise.all(readers)).entries()) {
        expectInOrder(events);
        expect(numbersIn(events)).toHaveLength(200);
        const sessionId = ids[index] ?? '';
        await until(() => lives.includes(`${sessionId} run.ended`), 'the end of the run to be told');
      }
      socket.close();
      await watching;
    } finally {
      socket.close();
    }
  });
});

async function readAll(items: AsyncIterable<Event | { reset: unknown }>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const item of items) {
    if ('reset' in item) throw new Error(`The socket was reset: ${JSON.stringify(item)}`);
    events.push(item);
    if (isProcessExit(item)) break;
  }
  return events;
}
