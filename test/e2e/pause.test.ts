import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, escape, numbered, say, script, sleep, waitForFile } from '../../src/agents/scripted/script.ts';
import { followUntil, isProcessExit, numbersIn, ofType } from './collect.ts';
import { pidsIn, stateOf } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(() => {
  server = new TestServer({ config: { stopGraceMs: 300, interruptGraceMs: 300 } });
});

afterEach(() => server.dispose());

const lines = 500;
const isReady = ({ type }: { type: string }) => type === 'message.completed';

/** A run that counts when it is let go. */
async function counting() {
  const sessionId = await server.session();
  const go = `${server.place}/go`;
  const { run } = await server.client.createRun(sessionId, {
    prompt: script(say('ready'), waitForFile(go), numbered(lines), end({ answer: 'counted' })),
  });
  await followUntil(server.client, sessionId, isReady);
  return { sessionId, runId: run.id, letGo: () => writeFileSync(go, '') };
}

const stateIs = (runId: string, state: string) =>
  until(async () => (await server.client.run(runId)).state === state, `the run to be ${state}`);

describe('a server that dies by kill -9', () => {
  test.each(['verb-recorded', 'verb-proven'])('right after "%s" leaves a pause to its successor', async (failpoint) => {
    await server.start({ DROVER_FAILPOINT: failpoint });
    const { sessionId, runId, letGo } = await counting();
    await expect(server.client.pause(runId)).rejects.toMatchObject({ code: 'server_unreachable' });
    await server.start();
    await stateIs(runId, 'paused');
    letGo();
    await server.client.resume(runId);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(numbersIn(events)).toEqual(Array.from({ length: lines }, (_, line) => line + 1));
    expect(ofType(events, 'run.paused')).toHaveLength(1);
    expect(ofType(events, 'run.ended').map(({ data }) => data.answer)).toEqual(['counted']);
  });

  test.each(['verb-recorded:2', 'verb-proven:2'])(
    'right after "%s" leaves a resume to its successor',
    async (point) => {
      await server.start({ DROVER_FAILPOINT: point });
      const { sessionId, runId, letGo } = await counting();
      await server.client.pause(runId);
      await expect(server.client.resume(runId)).rejects.toMatchObject({ code: 'server_unreachable' });
      await server.start();
      await stateIs(runId, 'running');
      letGo();
      const events = await followUntil(server.client, sessionId, isProcessExit);
      expect(numbersIn(events)).toEqual(Array.from({ length: lines }, (_, line) => line + 1));
      expect(ofType(events, 'run.resumed')).toHaveLength(1);
    },
  );
});

describe('a paused run', () => {
  test('stands still with its whole tree, also what has escaped, and goes on with it', async () => {
    await server.start();
    const pidsTo = `${server.place}/escaped`;
    const sessionId = await server.session();
    const { run } = await server.client.createRun(sessionId, {
      prompt: script(escape(['setsid', 'double-fork'], { count: 3, pidsTo }), say('ready'), waitForFile('/nowhere/at')),
    });
    await followUntil(server.client, sessionId, isReady);
    const pids = pidsIn(pidsTo);
    expect(pids).toHaveLength(3);
    const paused = await server.client.pause(run.id);
    expect(paused.evidence).toContain('nothing of its tree runs');
    const cpu = (await server.client.run(run.id)).live?.cpuMs;
    await server.crash();
    await followUntil(server.client, sessionId, ({ type }) => type === 'process.adopted');
    expect((await server.client.run(run.id)).live?.cpuMs).toBe(cpu);
    await server.client.stop(run.id);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['stopped']);
    expect(pids.map(stateOf)).toEqual([null, null, null]);
  });

  test('that is thawed by somebody else is frozen again', async () => {
    await server.start();
    const { runId, sessionId } = await counting();
    await server.client.pause(runId);
    const { thaw } = await import('../../src/holder/control.ts');
    const { process: held } = await server.client.session(sessionId);
    thaw(server.processDirectory(held?.id ?? ''));
    await until(async () => (await server.client.run(runId)).evidence.includes('is being frozen again'), 'the thaw');
    await until(async () => (await server.client.run(runId)).evidence.includes('nothing of its tree'), 'the freeze');
    expect((await server.client.run(runId)).state).toBe('paused');
  });

  test('is replaced by another prompt: it moves again, to be interrupted', async () => {
    await server.start();
    const sessionId = await server.session();
    const { run } = await server.client.createRun(sessionId, { prompt: script(say('ready'), sleep(60_000), end()) });
    await followUntil(server.client, sessionId, isReady);
    await server.client.pause(run.id);
    const { run: next } = await server.client.createRun(sessionId, {
      prompt: script(say('instead'), end()),
      mode: 'replace',
    });
    await followUntil(server.client, sessionId, (event) => event.type === 'run.ended' && event.runId === next.id);
    expect((await server.client.run(run.id)).state).toBe('interrupted');
    expect((await server.client.run(next.id)).state).toBe('succeeded');
  });
});
