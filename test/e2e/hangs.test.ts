import { afterEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { busy, end, hang, numbered, retry, say, script, sleep, tool } from '../../src/agents/scripted/script.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

afterEach(() => server.dispose());

/** Plays the steps under these limits, to the end of the process. */
async function play(limits: Record<string, number | null>, ...steps: Step[]) {
  const none = { silenceMs: null, progressMs: null, totalMs: null };
  server = new TestServer({ config: { stopGraceMs: 300, closeGraceMs: 1_000, limits: { ...none, ...limits } } });
  await server.start();
  const sessionId = await server.session();
  const { run } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  return { sessionId, runId: run.id };
}

async function endOf({ sessionId, runId }: { sessionId: string; runId: string }) {
  const events = await followUntil(server.client, sessionId, isProcessExit);
  const { state, reason, message } = await server.client.run(runId);
  return { state, reason, message, events, cause: ofType(events, 'process.exited')[0]?.data.cause };
}

// FAULTS 24.
describe('an agent that hangs', () => {
  test('before its first byte is ended for its silence', async () => {
    // Reads all its input before it says anything.
    const profiles = { mute: { driver: 'scripted', options: { program: '/usr/bin/tail' } } };
    server = new TestServer({ config: { stopGraceMs: 300, limits: { silenceMs: 2_000 }, profiles } });
    await server.start();
    const sessionId = await server.session('mute');
    const { run } = await server.client.createRun(sessionId, { prompt: 'Say something' });
    const ended = await endOf({ sessionId, runId: run.id });
    expect(ended).toMatchObject({ state: 'failed', reason: 'inactivity_timeout', cause: 'limit' });
    expect(ended.message).toContain('before its first byte');
    expect(ended.message).toContain('limits.silenceMs');
  });

  test('in mid stream is ended for its silence, and what it had said is kept', async () => {
    const ended = await endOf(await play({ silenceMs: 2_000 }, say('half a sen', { leaveOpen: true }), hang()));
    expect(ended).toMatchObject({ state: 'failed', reason: 'inactivity_timeout', cause: 'limit' });
    expect(JSON.stringify(ended.events)).toContain('half a sen');
    expect(ofType(ended.events, 'run.limit_reached').map(({ data }) => data.limit)).toEqual(['silence']);
  });

  test('in the middle of a tool call is ended, and its name is told', async () => {
    const ended = await endOf(await play({ silenceMs: 2_000 }, tool('npm test', { leaveOpen: true }), hang()));
    expect(ended).toMatchObject({ state: 'failed', reason: 'inactivity_timeout' });
    expect(ended.message).toContain('npm test');
  });

  test('while it prints, but gets nowhere, has stalled', async () => {
    const steps = Array.from({ length: 60 }, (_, attempt) => [retry('overloaded', { attempt }), sleep(200)]).flat();
    const ended = await endOf(await play({ silenceMs: 60_000, progressMs: 2_000 }, say('begun'), ...steps, end()));
    expect(ended).toMatchObject({ state: 'failed', reason: 'stalled', cause: 'limit' });
  });

  test('without end is ended when its time is up, whatever it says', async () => {
    const ended = await endOf(await play({ totalMs: 2_000 }, numbered(10_000, { everyMs: 50 })));
    expect(ended).toMatchObject({ state: 'failed', reason: 'run_timeout', cause: 'limit' });
  });

  test('after its result has succeeded, and is made to leave', async () => {
    const ended = await endOf(await play({ silenceMs: 60_000 }, say('done'), end({ answer: 'done' }), hang()));
    expect(ended).toMatchObject({ state: 'succeeded', reason: null, cause: 'hang' });
  });
});

describe('an agent that is not ended', () => {
  test('builds in silence, and uses the CPU', async () => {
    const steps = [tool('make', { leaveOpen: true }), busy(6_000), say('built'), end({ answer: 'built' })];
    expect(await endOf(await play({ silenceMs: 4_000, progressMs: 4_000 }, ...steps))).toMatchObject({
      state: 'succeeded',
    });
  });

  test('was paused for longer than any of its limits', async () => {
    const started = await play({ silenceMs: 2_000, progressMs: 2_000, totalMs: 4_000 }, say('a'), sleep(800), say('b'));
    await followUntil(server.client, started.sessionId, ({ type }) => type === 'message.completed');
    await server.client.pause(started.runId);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await server.crash();
    await followUntil(server.client, started.sessionId, ({ type }) => type === 'process.adopted');
    expect(await server.client.run(started.runId)).toMatchObject({ state: 'paused' });
    await server.client.resume(started.runId);
    expect(await endOf(started)).toMatchObject({ state: 'succeeded' });
  });
});
