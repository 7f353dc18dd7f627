import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../src/contracts/events.ts';
import type { PermissionSummary } from '../../src/contracts/permission.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, isProcessExit, ofType } from '../e2e/collect.ts';
import { isRunning } from '../e2e/processes.ts';
import { TestServer } from '../e2e/test-server.ts';
import { until } from '../e2e/until.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { createGate } from '../emulator/gate.ts';
import { installedAgent } from './install.ts';

let emulator: Emulator;
let server: TestServer;

beforeEach(async () => {
  emulator = await startEmulator();
  server = new TestServer({
    env: {
      ANTHROPIC_BASE_URL: emulator.baseUrl('test'),
      ANTHROPIC_API_KEY: 'sk-ant-dummy',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    config: {
      warm: { maxProcesses: 4 },
      stopGraceMs: 1_000,
      profiles: { claude: { driver: 'claude', options: { command: installedAgent('claude') }, permissions: 'ask' } },
    },
  });
  await server.start();
});

afterEach(async () => {
  await server.dispose();
  await emulator.stop();
});

async function start(prompt: string, permissions?: 'allow') {
  const workspace = server.workspace();
  const { id: sessionId } = await server.client.createSession({
    profile: 'claude',
    workspace: { path: workspace },
    ...(permissions !== undefined && { permissions }),
  });
  const { run } = await server.client.createRun(sessionId, { prompt });
  return { sessionId, runId: run.id, workspace };
}

const endOf = (runId: string) => (event: Event) => event.type === 'run.ended' && event.runId === runId;
const bash = (command: string) => ({
  type: 'tool_use' as const,
  name: 'Bash',
  input: { command, description: 'work' },
});

async function nextQuestion(): Promise<PermissionSummary> {
  return until(async () => (await server.client.permissions({ pending: true }))[0], 'a question');
}

describe('the real Claude Code', () => {
  test('asks for a Bash call, is denied, asks again, and is allowed with another input', async () => {
    emulator.script('test', [
      { content: [bash("python3 -c \"open('denied', 'w')\"")] },
      { content: [bash("python3 -c \"open('asked', 'w')\"")] },
      { content: [{ type: 'text', text: 'Done.' }] },
    ]);
    const { sessionId, runId, workspace } = await start('Make files');
    const first = await nextQuestion();
    expect(first).toMatchObject({ tool: 'Bash', runId, command: expect.stringContaining('denied') as string });
    expect(await server.client.run(runId)).toMatchObject({ state: 'awaiting_permission' });
    await server.client.answerPermission(first.id, { decision: 'deny', message: 'Not this one' });
    const second = await until(async () => {
      const [pending] = await server.client.permissions({ pending: true });
      return pending !== undefined && pending.id !== first.id ? pending : null;
    }, 'the second question');
    const command = `python3 -c "open('changed', 'w')"`;
    await server.client.answerPermission(second.id, {
      decision: 'allow',
      updatedInput: { command, description: 'another' },
    });
    const events = await followUntil(server.client, sessionId, endOf(runId));
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'Done.' });
    expect(['denied', 'asked', 'changed'].filter((name) => existsSync(join(workspace, name)))).toEqual(['changed']);
    expect(ofType(events, 'permission.resolved').map(({ data }) => [data.decision, data.by])).toEqual([
      ['deny', 'user'],
      ['allow', 'user'],
    ]);
    const told = emulator.requests('test').some(({ body }) => JSON.stringify(body ?? '').includes('Not this one'));
    expect(told).toBe(true);
    const entries = await server.client.auditEntries({ sessionId });
    expect(entries.map(({ action }) => action)).toEqual(['permission.allow', 'permission.deny']);
  });

  test('is interrupted in mid stream, and answers the follow-up that was queued meanwhile in the same process', async () => {
    const gate = createGate();
    emulator.script('test', [
      { content: [{ type: 'text', text: 'one two three', chunks: 3 }], gate: { afterEvents: 3, until: gate } },
      { content: [{ type: 'text', text: 'Second.' }] },
    ]);
    const { sessionId, runId } = await start('Count');
    await followUntil(server.client, sessionId, (event) => event.type === 'agent_message_chunk');
    const { run: next } = await server.client.createRun(sessionId, { prompt: 'And then?' });
    expect(next.state).toBe('queued');
    await server.client.interrupt(runId);
    const events = await followUntil(server.client, sessionId, endOf(next.id));
    expect((await server.client.run(runId)).state).toBe('interrupted');
    expect(await server.client.run(next.id)).toMatchObject({ state: 'succeeded', answer: 'Second.' });
    expect(ofType(events, 'process.started')).toHaveLength(1);
    expect(ofType(events, 'process.exited')).toHaveLength(0);
    expect((await server.client.session(sessionId)).process?.state).toBe('warm');
  });

  test('is interrupted in the middle of a tool', async () => {
    emulator.script('test', [
      { content: [bash('echo $$ > shell; sleep 3600')] },
      { content: [{ type: 'text', text: 'Never.' }] },
    ]);
    const { sessionId, runId, workspace } = await start('Wait', 'allow');
    await until(() => existsSync(join(workspace, 'shell')), 'the shell to run');
    await server.client.interrupt(runId);
    await followUntil(server.client, sessionId, endOf(runId));
    expect(await server.client.run(runId)).toMatchObject({ state: 'interrupted' });
    const shell = Number(readFileSync(join(workspace, 'shell'), 'utf8'));
    await until(() => !isRunning(shell), 'the shell to be gone');
  });

  test('has its next prompts in order, in one process, where they came during a turn', async () => {
    const gate = createGate();
    emulator.script('test', [
      { content: [{ type: 'text', text: 'First.', chunks: 2 }], gate: { afterEvents: 3, until: gate } },
      { content: [{ type: 'text', text: 'Second.' }] },
      { content: [{ type: 'text', text: 'Third.' }] },
    ]);
    const { sessionId, runId } = await start('one');
    await gate.reached;
    const { run: second } = await server.client.createRun(sessionId, { prompt: 'two' });
    const { run: third } = await server.client.createRun(sessionId, { prompt: 'three' });
    gate.open();
    const events = await followUntil(server.client, sessionId, endOf(third.id));
    const answers = await Promise.all([runId, second.id, third.id].map((id) => server.client.run(id)));
    expect(answers.map(({ answer }) => answer)).toEqual(['First.', 'Second.', 'Third.']);
    expect(ofType(events, 'process.started')).toHaveLength(1);
    expect(new Set(ofType(events, 'native_session.opened').map(({ data }) => data.nativeSessionId)).size).toBe(1);
  });

  test('stands still for ten seconds in mid stream, and then says the rest', async () => {
    const gate = createGate();
    const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
    emulator.script('test', [
      { content: [{ type: 'text', text: words.join(''), chunks: words }], gate: { afterEvents: 20, until: gate } },
    ]);
    const { sessionId, runId } = await start('Say forty words');
    await followUntil(server.client, sessionId, (event) => JSON.stringify(event).includes('word10 '));
    const paused = await server.client.pause(runId);
    expect(paused).toMatchObject({ state: 'paused' });
    gate.open();
    const cpu = paused.live?.cpuMs ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const still = await server.client.run(runId);
    expect(still).toMatchObject({
      state: 'paused',
      evidence: expect.stringContaining('nothing of its tree') as string,
    });
    expect((still.live?.cpuMs ?? 0) - cpu).toBeLessThan(1);
    await server.client.resume(runId);
    await followUntil(server.client, sessionId, endOf(runId));
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: words.join('') });
    expect(emulator.requests('test').filter(({ index }) => index !== undefined)).toHaveLength(1);
  });

  test('leaves nothing of its tree when it is stopped in the middle of a tool, shells included', async () => {
    emulator.script('test', [
      { content: [bash('echo $$ > shell; (setsid sleep 3601 &) ; sleep 3602')] },
      { content: [{ type: 'text', text: 'Never.' }] },
    ]);
    const { sessionId, runId, workspace } = await start('Wait', 'allow');
    await until(() => existsSync(join(workspace, 'shell')), 'the shell to run');
    const shell = Number(readFileSync(join(workspace, 'shell'), 'utf8'));
    await server.client.stop(runId);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'stopped' });
    const processId = ofType(events, 'process.exited')[0]?.data.processId;
    expect(processId !== undefined && findByCookie().has(processId)).toBe(false);
    expect(isRunning(shell)).toBe(false);
  });

  test('is there before its first prompt, also for the next server', async () => {
    emulator.script('test', [{ content: [{ type: 'text', text: 'At once.' }] }]);
    const session = await server.client.createSession({
      profile: 'claude',
      workspace: { path: server.workspace() },
      warm: true,
    });
    const isWarm = async () => (await server.client.session(session.id)).process?.state === 'warm';
    await until(isWarm, 'the process to be warm');
    await server.crash();
    await until(isWarm, 'the process to be taken up');
    const { run } = await server.client.createRun(session.id, { prompt: 'Hello' });
    const events = await followUntil(server.client, session.id, endOf(run.id));
    expect(await server.client.run(run.id)).toMatchObject({ state: 'succeeded', answer: 'At once.' });
    expect(ofType(events, 'process.started')).toHaveLength(1);
  });
});
