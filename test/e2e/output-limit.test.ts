import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, hang, numbered, print, say, script } from '../../src/agents/scripted/script.ts';
import { followUntil, isProcessExit, numbersIn, ofType, readPages } from './collect.ts';
import { TestServer } from './test-server.ts';

const maxOutputBytes = 1_000_000;

let server: TestServer;

beforeEach(async () => {
  server = new TestServer({ config: { maxOutputBytes, stopGraceMs: 300 } });
  await server.start();
});

afterEach(() => server.dispose());

async function run(...steps: readonly Step[]) {
  const sessionId = await server.session();
  const { run: made } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  return { sessionId, runId: made.id };
}

describe('an agent that prints more than it may (FAULTS 15)', () => {
  test('is stopped, its run says why, and what it printed is kept', async () => {
    const { sessionId, runId } = await run(numbered(40_000, { prefix: 'line ' }), hang());
    await followUntil(server.client, sessionId, isProcessExit);
    const ended = await server.client.run(runId);
    expect(ended).toMatchObject({ state: 'failed', reason: 'output_limit' });
    expect(ended.message).toContain('more than 1000000 bytes');
    expect(ended.message).toContain('maxOutputBytes');
    const numbers = numbersIn(await readPages(server.client, sessionId, 1_000));
    expect(numbers.length).toBeGreaterThan(1_000);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('on stderr is stopped all the same, also by a server that has just come back', async () => {
    const { sessionId, runId } = await run(
      say('noise follows'),
      print('x'.repeat(1_000), { repeat: 2_000, stream: 'stderr' }),
      hang(),
    );
    await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
    await server.crash();
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'failed', reason: 'output_limit' });
  });

  test('but had finished has succeeded', async () => {
    const { sessionId, runId } = await run(
      end({ answer: 'done' }),
      print('x'.repeat(1_000), { repeat: 2_000 }),
      hang(),
    );
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'done' });
  });

  test('leaves others alone', async () => {
    const quiet = await run(say('quiet'), end({ answer: 'quiet' }));
    const noisy = await run(print('x'.repeat(1_000), { repeat: 3_000 }), hang());
    await followUntil(server.client, noisy.sessionId, isProcessExit);
    const events = await followUntil(server.client, quiet.sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'quiet' });
  });
});
