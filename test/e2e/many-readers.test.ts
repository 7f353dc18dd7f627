import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, numbered, print, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { expectInOrder, followUntil, isProcessExit, ofType, readPages } from './collect.ts';
import type { CrowdReport } from './crowd.ts';
import { residentBytes } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

const crowdProgram = fileURLToPath(new URL('crowd.ts', import.meta.url));
const megabyte = 1024 * 1024;

let server: TestServer;
let crowd: ChildProcess | undefined;

beforeEach(async () => {
  server = new TestServer({ config: { logLevel: 'warn' } });
  await server.start();
});

afterEach(async () => {
  crowd?.kill('SIGKILL');
  await server.dispose();
});

/** The most that the server holds in memory until something has come to its end. */
async function peakWhile<T>(work: Promise<T>): Promise<{ readonly result: T; readonly peakBytes: number }> {
  let peakBytes = residentBytes(server.pid);
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  await until(() => {
    peakBytes = Math.max(peakBytes, residentBytes(server.pid));
    return isOver;
  }, 'the work to be done');
  return { result: await over, peakBytes };
}

describe('many readers of one session (FAULTS 20)', () => {
  test.for([
    { readers: 1_000, perSecond: 50, seconds: 3 },
    { readers: 10_000, perSecond: 1, seconds: 3 },
  ])('$readers of them, at $perSecond events a second, are all told everything', async (load) => {
    const { readers, perSecond, seconds } = load;
    const gate = join(server.place, 'gate');
    const sessionId = await server.session();
    const count = perSecond * seconds;
    const steps = [waitForFile(gate), numbered(count, { everyMs: 1_000 / perSecond }), end()];
    const { run } = await server.client.createRun(sessionId, { prompt: script(...steps) });
    await followUntil(server.client, sessionId, (event) => event.type === 'process.started');
    const before = residentBytes(server.pid);
    crowd = spawn(process.execPath, [crowdProgram, server.url, server.token, sessionId, String(readers)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (crowd.stdout === null) throw new Error('The crowd has no stdout');
    const lines = createInterface({ input: crowd.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('joined');
    writeFileSync(gate, '');
    const { result, peakBytes } = await peakWhile(lines.next());
    const report = JSON.parse(String(result.value)) as CrowdReport;
    expect(report).toEqual({ told: { [count]: readers }, problems: [] });
    expect(peakBytes - before).toBeLessThan(100 * megabyte + readers * 64 * 1024);
    expect((await server.client.run(run.id)).state).toBe('succeeded');
  });
});

/** A connection that asks for the session's stream and takes nothing of it. */
async function openStuckReader(sessionId: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.pause();
  const headers = [`Host: ${hostname}:${port}`, `Authorization: Bearer ${server.token}`, 'Accept: text/event-stream'];
  socket.write(`GET /v1/sessions/${sessionId}/events HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  return socket;
}

describe('readers that never read (FAULTS 20)', () => {
  test('cost the server little memory and others nothing, and go on at their cursors without a gap', async () => {
    const gate = join(server.place, 'gate');
    const sessionId = await server.session();
    const printed = 30 * megabyte;
    const line = `${'x'.repeat(9_999)}\n`;
    const steps = [
      say('first'),
      waitForFile(gate),
      print(line, { repeat: Math.ceil(printed / line.length), newline: false }),
      say('last'),
      end({ answer: 'printed' }),
    ];
    await server.client.createRun(sessionId, { prompt: script(...steps) });
    await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
    const stuck = await Promise.all(Array.from({ length: 30 }, () => openStuckReader(sessionId)));
    try {
      const before = residentBytes(server.pid);
      writeFileSync(gate, '');
      const { result: events, peakBytes } = await peakWhile(followUntil(server.client, sessionId, isProcessExit));
      // All of it for each of them would be 900 MB; what the collector leaves lying about differs by 100 MB from run to run.
      expect(peakBytes - before).toBeLessThan(300 * megabyte);
      const bytes = ofType(events, 'agent.output').reduce((sum, { data }) => sum + (data.text?.length ?? 0) + 1, 0);
      expect(bytes).toBeGreaterThanOrEqual(printed);

      const stored = await readPages(server.client, sessionId);
      for (const socket of stuck.slice(0, 3)) {
        const taken = await takeWhatCame(socket);
        const last = taken.at(-1);
        expect(taken.length).toBeGreaterThan(0);
        expect(last?.event.type).not.toBe('process.exited');
        const rest = await followUntil(server.client, sessionId, isProcessExit, last?.cursor);
        const all = [...taken.map(({ event }) => event), ...rest];
        expectInOrder(all);
        expect(all.filter(({ seq }) => stored.some((event) => event.seq === seq))).toEqual(stored);
      }
    } finally {
      for (const socket of stuck) socket.destroy();
    }
  });
});

/** Reads on where a reader stood still, until the connection has given something and then nothing more; then leaves. */
async function takeWhatCame(socket: Socket): Promise<{ readonly event: Event; readonly cursor: string }[]> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    // It leaves in the middle: what is still on its way is lost to it.
    if (Buffer.concat(parts).length > megabyte) socket.destroy();
  });
  socket.resume();
  await once(socket, 'close');
  const whole = Buffer.concat(parts).toString().split('\n\n').slice(0, -1);
  return whole.flatMap((message) => {
    const cursor = /^id: ?(.*)$/m.exec(message)?.[1];
    const data = /^data: ?(.*)$/m.exec(message)?.[1];
    return cursor === undefined || data === undefined ? [] : [{ event: JSON.parse(data) as Event, cursor }];
  });
}
