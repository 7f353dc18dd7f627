import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { end, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

// FAULTS 23
test('the same request 100 times with one Idempotency-Key, also across kill -9, is one run', async () => {
  const sessionId = await server.session();
  const prompt = script(waitForFile(`${server.place}/never`), end());
  const post = () => server.client.createRun(sessionId, { prompt }, { idempotencyKey: 'the-key' });
  const first = await Promise.all(Array.from({ length: 40 }, post));

  const interrupted = Array.from({ length: 20 }, () => post().catch(() => undefined));
  await server.crash();
  await Promise.all(interrupted);
  const second = await Promise.all(Array.from({ length: 40 }, post));

  const [one] = first;
  expect(new Set([...first, ...second].map(({ run }) => run.id))).toEqual(new Set([one?.run.id]));
  expect(await server.client.runs({ sessionId })).toHaveLength(1);
});

test('a key that was used for another request is refused, and nothing is made', async () => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(say('one'), end()) }, { idempotencyKey: 'key' });
  const other = server.client.createRun(sessionId, { prompt: script(say('two'), end()) }, { idempotencyKey: 'key' });
  await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused', status: 422 });
  expect(await server.client.runs({ sessionId })).toHaveLength(1);
});

// FAULTS 22
test('a second server on the same data directory exits at once and says who holds it', async () => {
  const second = server.spawnServer();
  const [code] = (await once(second, 'exit')) as [number | null];
  expect(code).not.toBe(0);
  expect(server.stderr).toContain(`is held by the server with pid ${server.pid}`);
  expect(await server.client.sessions()).toEqual([]);
});
