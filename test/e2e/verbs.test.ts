import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, escape, hang, ignoreSignals, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { isRunning, pidsIn } from './processes.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer({ config: { stopGraceMs: 300, closeGraceMs: 300 } });
  await server.start();
});

afterEach(() => server.dispose());

/** Starts a run and resolves when it has said something. */
async function speaking(...steps: Step[]) {
  const sessionId = await server.session();
  const {
    run: { id },
  } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
  return { sessionId, id };
}

describe('stop', () => {
  test('ends the whole tree of an agent that ignores SIGTERM, escapees included', async () => {
    const pidsTo = `${server.place}/escaped`;
    const { sessionId, id } = await speaking(
      ignoreSignals('SIGTERM'),
      escape(['setsid', 'double-fork', 'scrub-env', 'ignore-term'], { count: 3, pidsTo }),
      say('ready'),
      hang(),
    );
    await server.client.stop(id);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'stopped', reason: null });
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: null, signal: 'SIGKILL' });
    const escaped = pidsIn(pidsTo);
    expect(escaped).toHaveLength(3);
    expect(escaped.filter(isRunning)).toEqual([]);
    const processId = ofType(events, 'process.exited')[0]?.data.processId;
    expect(processId !== undefined && findByCookie().has(processId)).toBe(false);
  });

  test('that was asked for before a crash has its effect after it', async () => {
    const { sessionId, id } = await speaking(ignoreSignals('SIGTERM'), say('ready'), hang());
    await server.client.stop(id);
    await server.crash();
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['stopped']);
  });

  test('of a run that has ended is refused, naming verb, state and what is possible', async () => {
    const { sessionId, id } = await speaking(say('ready'), end());
    await followUntil(server.client, sessionId, isProcessExit);
    await expect(server.client.stop(id)).rejects.toMatchObject({
      code: 'wrong_state',
      status: 409,
      message: expect.stringContaining('Cannot stop') as string,
    });
  });
});

describe('interrupt', () => {
  test('ends the turn in the agent’s own words', async () => {
    const { sessionId, id } = await speaking(say('ready'), waitForFile(`${server.place}/never`));
    await server.client.interrupt(id);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['interrupted']);
    expect(ofType(events, 'process.exited')[0]?.data.signal).toBeNull();
  });
});

describe('cancel', () => {
  test('takes a queued run out of the queue; it never starts', async () => {
    const { sessionId } = await speaking(say('ready'), hang());
    const {
      run: { id },
    } = await server.client.createRun(sessionId, { prompt: script(say('never'), end()) });
    expect((await server.client.run(id)).state).toBe('queued');
    expect((await server.client.cancel(id)).state).toBe('canceled');
    expect((await server.client.cancel(id)).state).toBe('canceled');
    await expect(server.client.stop(id)).rejects.toMatchObject({ code: 'wrong_state' });
  });
});

describe('an agent that hangs after its result', () => {
  test('has succeeded, and is ended', async () => {
    const { sessionId } = await speaking(say('done'), end({ answer: 'done' }), ignoreSignals('SIGTERM'), hang());
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([['succeeded', 'done']]);
    expect(ofType(events, 'process.exited')[0]?.data.signal).toBe('SIGKILL');
  });
});
