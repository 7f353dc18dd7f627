import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, env, say, script } from '../../src/agents/scripted/script.ts';
import { readIdentity } from '../../src/holder/identity.ts';
import { followUntil, ofType } from './collect.ts';
import { isRunning } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

afterEach(() => server.dispose());

async function start(warm: Record<string, number>) {
  server = new TestServer({ config: { warm: { maxProcesses: 4, ...warm } } });
  await server.start();
}

async function run(sessionId: string, ...steps: readonly Step[]) {
  const { run: created } = await server.client.createRun(sessionId, { prompt: script(...steps, end()) });
  const events = await followUntil(
    server.client,
    sessionId,
    (event) => event.type === 'run.ended' && event.runId === created.id,
  );
  return { events, runId: created.id };
}

async function warmPid(sessionId: string): Promise<number> {
  const process = await until(async () => {
    const { process: found } = await server.client.session(sessionId);
    return found?.state === 'warm' ? found : null;
  }, 'the process to be warm');
  return readIdentity(server.processDirectory(process.id))?.agent.pid ?? 0;
}

describe('a warm process', () => {
  test('is taken up by the next server after kill -9, and used for the next run', async () => {
    await start({});
    const sessionId = await server.session();
    await run(sessionId, say('one'));
    const pid = await warmPid(sessionId);
    await server.crash();
    expect(await warmPid(sessionId)).toBe(pid);
    const { events } = await run(sessionId, say('two'));
    expect(ofType(events, 'process.started')).toHaveLength(1);
    expect(ofType(events, 'run.ended').map(({ data }) => data.answer)).toEqual(['one', 'two']);
  });

  test('is not used where it would be started in another way now', async () => {
    await start({});
    const sessionId = await server.session();
    await run(sessionId, say('one'));
    const pid = await warmPid(sessionId);
    await server.signal('SIGTERM');
    // The agent's environment is part of how it is started.
    await server.start({ LANG: 'C.UTF-8' });
    const { events } = await run(sessionId, env('LANG', { show: true }));
    expect(ofType(events, 'process.started')).toHaveLength(2);
    expect(ofType(events, 'process.exited').map(({ data }) => data.cause)).toEqual(['idle']);
    expect(JSON.stringify(events)).toContain('LANG=C.UTF-8');
    expect(isRunning(pid)).toBe(false);
  });

  test('makes room for a younger one where there are too many', async () => {
    await start({ maxProcesses: 2 });
    const sessions = [await server.session(), await server.session(), await server.session()];
    for (const sessionId of sessions) {
      await run(sessionId, say('hello'));
      await warmPid(sessionId);
    }
    const [oldest = ''] = sessions;
    const events = await followUntil(server.client, oldest, ({ type }) => type === 'process.exited');
    expect(ofType(events, 'process.exited').map(({ data }) => [data.cause, data.code])).toEqual([['idle', 0]]);
    for (const sessionId of sessions.slice(1))
      expect((await server.client.session(sessionId)).process?.state).toBe('warm');
  });

  test('makes room where they use too much memory', async () => {
    await start({ maxMemoryBytes: 1 });
    const sessionId = await server.session();
    const { runId } = await run(sessionId, say('hello'));
    const events = await followUntil(server.client, sessionId, ({ type }) => type === 'process.exited');
    expect(ofType(events, 'process.exited')[0]?.data.cause).toBe('idle');
    expect((await server.client.run(runId)).state).toBe('succeeded');
  });

  test('leaves when it has had no work for long enough', async () => {
    await start({ idleMs: 300 });
    const sessionId = await server.session();
    await run(sessionId, say('hello'));
    const events = await followUntil(server.client, sessionId, ({ type }) => type === 'process.exited');
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ cause: 'idle', code: 0 });
  });

  test('that dies is no loss: the next run has a new one', async () => {
    await start({});
    const sessionId = await server.session();
    await run(sessionId, say('one'));
    process.kill(await warmPid(sessionId), 'SIGKILL');
    await followUntil(server.client, sessionId, ({ type }) => type === 'process.exited');
    const { events } = await run(sessionId, say('two'));
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ cause: 'agent', signal: 'SIGKILL' });
    expect(ofType(events, 'run.ended').at(-1)?.data).toMatchObject({ outcome: 'succeeded', answer: 'two' });
  });

  test('cannot be had where there are none', async () => {
    await start({ maxProcesses: 0 });
    const sessionId = await server.session();
    await expect(server.client.warmSession(sessionId)).rejects.toMatchObject({ code: 'unsupported', status: 409 });
  });
});

describe('a directory', () => {
  test('whose process and server were killed is free: a claim is as true as its process', async () => {
    await start({});
    const path = server.workspace();
    const first = await server.session('scripted', path);
    const second = await server.session('scripted', path);
    await run(first, say('mine'));
    const identity = readIdentity(server.processDirectory((await server.client.session(first)).process?.id ?? ''));
    await server.signal('SIGKILL');
    for (const pid of [identity?.holder.pid, identity?.agent.pid]) process.kill(pid ?? 0, 'SIGKILL');
    await server.start();
    const { events } = await run(second, { writeFile: { path: join(path, 'mark'), content: 'second' } });
    expect(ofType(events, 'run.ended')[0]?.data.outcome).toBe('succeeded');
    expect(readFileSync(join(path, 'mark'), 'utf8')).toBe('second');
    writeFileSync(join(path, 'mark'), '');
  });
});
