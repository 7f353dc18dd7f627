import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { end, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { foldTranscript } from '../../src/client/transcript.ts';
import type { Event } from '../../src/contracts/events.ts';
import { followUntil, isProcessExit, ofType, readToExit } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

/** Stops the server and starts it with a configuration that keeps nothing of what has ended. */
async function keepNothing(): Promise<void> {
  expect(await server.signal('SIGTERM')).toBe(0);
  writeFileSync(
    join(server.dataDir, 'config.yaml'),
    '{ warm: { maxProcesses: 0 }, retention: { rawLogDays: 0, eventDays: 0 } }\n',
  );
  await server.start();
}

test('events go because of their age, but never those of an open run; readers are told, on both transports and over a restart', async () => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(say('first answer'), end()) });
  const before = await readToExit(server.client, sessionId);
  const gate = `${server.place}/gate`;
  const { run } = await server.client.createRun(sessionId, {
    prompt: script(say('second answer'), waitForFile(gate), end({ answer: 'done' })),
  });
  await followUntil(server.client, sessionId, ({ type, runId }) => type === 'message.completed' && runId === run.id);
  const queued = (await server.client.eventPage(sessionId, { limit: 1_000 })).events.find(
    ({ type, runId }) => type === 'run.queued' && runId === run.id,
  );
  const firstLeft = queued?.seq ?? 0;
  const place = before[2]?.seq ?? 0;
  await keepNothing();

  const reset = { reason: 'pruned' };
  await until(async () => (await server.client.eventPage(sessionId)).reset, 'the old events to go');
  for (const lives of [1, 2]) {
    for (const query of [{}, { after: String(place) }]) {
      const page = await server.client.eventPage(sessionId, query);
      expect([page.reset, page.events[0]?.seq, page.events[0]?.prev]).toEqual([reset, firstLeft, firstLeft - 1]);
      const [told, first] = await readStream(sessionId, query.after, 2);
      expect(told).toMatchObject({
        reset: { ...reset, cursor: expect.stringMatching(`-${firstLeft - 1}$`) as string },
      });
      expect(first).toMatchObject({ seq: firstLeft, type: 'run.queued' });
    }
    const newest = await server.client.eventPage(sessionId, { before: 'end', limit: 1_000 });
    expect([newest.events[0]?.seq, newest.hasEarlier]).toEqual([firstLeft, false]);
    if (lives === 1) await server.crash();
  }

  writeFileSync(gate, '');
  const rest = await followUntil(server.client, sessionId, isProcessExit, String(firstLeft - 1));
  expect(rest.filter(({ runId }) => runId === run.id).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['run.queued', 'run.started', 'attempt.started', 'message.completed', 'run.ended']),
  );
  expect(ofType(rest, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'done' });
  expect(foldTranscript(rest).runs.map(({ runId, state }) => [runId, state])).toEqual([[run.id, 'succeeded']]);
});

test('a session of which nothing is left goes on with its numbers', async () => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(say('hello'), end()) });
  const last = (await readToExit(server.client, sessionId)).at(-1)?.seq ?? 0;
  await keepNothing();
  const page = await until(async () => {
    const now = await server.client.eventPage(sessionId);
    return now.events.length === 0 && now;
  }, 'all events to go');
  expect([page.reset, page.hasMore]).toEqual([{ reason: 'pruned' }, false]);
  // Who had seen everything has lost nothing.
  expect((await server.client.eventPage(sessionId, { after: page.cursor })).reset).toBeUndefined();

  await server.client.createRun(sessionId, { prompt: script(say('again'), end()) });
  const rest = await followUntil(server.client, sessionId, isProcessExit, page.cursor);
  expect([rest[0]?.type, rest[0]?.seq, rest[0]?.prev]).toEqual(['run.queued', last + 1, last]);
});

test('raw logs go because of their age, those of live agents stay, and who asks is told', async () => {
  const [ended, live] = [await server.session(), await server.session()];
  const gate = `${server.place}/gate`;
  const { run: endedRun } = await server.client.createRun(ended, { prompt: script(say('old'), end()) });
  await readToExit(server.client, ended);
  const { run: liveRun } = await server.client.createRun(live, {
    prompt: script(say('new'), waitForFile(gate), end()),
  });
  await followUntil(server.client, live, ({ type }) => type === 'message.completed');
  await keepNothing();

  const refusal = await until(
    () =>
      server.client.rawLog(endedRun.id, 'stdout').then(
        () => null,
        (error: unknown) => error,
      ),
    'the old raw log to go',
  );
  expect(refusal).toMatchObject({ status: 410, code: 'no_longer_kept' });
  expect(String(refusal)).toContain('raw logs are kept for 0 days ("retention.rawLogDays")');
  expect((await server.client.run(endedRun.id)).state).toBe('succeeded');
  const bytes = await new Response(await server.client.rawLog(liveRun.id, 'stdout')).text();
  expect(bytes).toContain('new');
  writeFileSync(gate, '');
  await until(async () => (await server.client.run(liveRun.id)).state === 'succeeded', 'the live run to end');
});

async function readStream(sessionId: string, after: string | undefined, count: number) {
  const leave = new AbortController();
  const items: (Event | { reset: object })[] = [];
  const options = { signal: leave.signal, ...(after === undefined ? {} : { after }) };
  for await (const item of server.client.events(sessionId, options)) {
    items.push(item);
    if (items.length === count) break;
  }
  leave.abort();
  return items;
}
