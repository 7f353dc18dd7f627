import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foldTranscript } from '../../src/client/transcript.ts';
import { isAlive, readIdentity } from '../../src/holder/identity.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, isProcessExit, ofType, readPages } from '../e2e/collect.ts';
import { TestServer } from '../e2e/test-server.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { createGate } from '../emulator/gate.ts';
import { installedAgent } from './install.ts';

const key = 'sk-ant-dummy-canary';

let emulator: Emulator;
let server: TestServer;

beforeEach(async () => {
  emulator = await startEmulator();
  server = new TestServer({
    env: {
      ANTHROPIC_BASE_URL: emulator.baseUrl('test'),
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    config: {
      profiles: {
        claude: { driver: 'claude', options: { command: installedAgent('claude'), permissionMode: 'acceptEdits' } },
        trusted: { driver: 'claude', options: { command: installedAgent('claude') }, permissions: 'allow' },
      },
    },
  });
  await server.start();
});

afterEach(async () => {
  await server.dispose();
  await emulator.stop();
});

async function start(prompt: string, workspace = server.workspace(), profile = 'claude') {
  const sessionId = await server.session(profile, workspace);
  const { run } = await server.client.createRun(sessionId, { prompt });
  return { sessionId, runId: run.id, workspace };
}

describe('the real Claude Code, run by Drover against the emulator', () => {
  test('edits a file through a tool call; text, tool call, diff and usage are in the stream; every reader agrees', async () => {
    const workspace = server.workspace();
    const path = join(workspace, 'greeting.txt');
    emulator.script('test', [
      {
        content: [
          { type: 'thinking', thinking: 'A file, then.' },
          { type: 'text', text: 'I will write the greeting.', chunks: 4 },
          { type: 'tool_use', name: 'Write', input: { file_path: path, content: 'hello\nworld\n' } },
        ],
        usage: { inputTokens: 1_000, outputTokens: 50 },
      },
      {
        content: [{ type: 'text', text: 'The greeting is written.', chunks: 3 }],
        usage: { inputTokens: 1_100, outputTokens: 20 },
      },
    ]);
    const sessionId = await server.session('claude', workspace);
    const live = followUntil(server.client, sessionId, isProcessExit);
    const { run } = await server.client.createRun(sessionId, { prompt: 'Write a greeting' });
    const seen = await live;

    expect(readFileSync(path, 'utf8')).toBe('hello\nworld\n');
    expect(await server.client.run(run.id)).toMatchObject({
      state: 'succeeded',
      reason: null,
      answer: 'The greeting is written.',
      answerSource: 'result',
      usage: { inputTokens: 2_100, outputTokens: 70 },
    });
    const paged = await readPages(server.client, sessionId, 5);
    const streamed = await followUntil(server.client, sessionId, isProcessExit);
    const transcript = foldTranscript(paged);
    expect(foldTranscript(streamed)).toEqual(transcript);
    expect(foldTranscript(seen)).toEqual(transcript);

    expect(ofType(seen, 'agent_message_chunk').length).toBeGreaterThan(4);
    expect(ofType(seen, 'message.completed').map(({ data }) => [data.role, data.content])).toEqual([
      ['thought', [{ type: 'text', text: 'A file, then.' }]],
      ['agent', [{ type: 'text', text: 'I will write the greeting.' }]],
      ['agent', [{ type: 'text', text: 'The greeting is written.' }]],
    ]);
    expect(ofType(seen, 'agent.output')).toEqual([]);
    const updates = [...ofType(seen, 'tool_call'), ...ofType(seen, 'tool_call_update')].map(({ data }) => data);
    expect(updates.some(({ status }) => status === 'completed')).toBe(true);
    expect(updates.flatMap(({ content }) => content ?? [])).toContainEqual({
      type: 'diff',
      path,
      oldText: null,
      newText: 'hello\nworld\n',
    });
  });

  test('goes on as the same process when the server is killed in mid turn; nothing is lost or doubled', async () => {
    const gate = createGate();
    const text = Array.from({ length: 40 }, (_, index) => `word${index} `);
    emulator.script('test', [
      { content: [{ type: 'text', text: text.join(''), chunks: text }], gate: { afterEvents: 20, until: gate } },
    ]);
    const { sessionId, runId } = await start('Say forty words');
    await gate.reached;
    const before = await followUntil(server.client, sessionId, (event) => JSON.stringify(event).includes('word10 '));
    const processId = ofType(before, 'process.started')[0]?.data.processId ?? '';
    const identity = readIdentity(server.processDirectory(processId));

    await server.crash();
    expect(identity !== null && isAlive(identity.agent, identity.boot)).toBe(true);
    await followUntil(server.client, sessionId, (event) => event.type === 'process.adopted');
    gate.open();
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'process.adopted').map(({ data }) => data.pid)).toEqual([identity?.agent.pid]);
    expect(ofType(events, 'message.completed').map(({ data }) => data.content)).toEqual([
      [{ type: 'text', text: text.join('') }],
    ]);
    expect(await server.client.run(runId)).toMatchObject({
      state: 'succeeded',
      answer: text.join(''),
      attempts: 1,
    });
    expect(emulator.requests('test').filter(({ index }) => index !== undefined)).toHaveLength(1);
  });

  test('continues its own session in a second run', async () => {
    emulator.script('test', [
      { content: [{ type: 'text', text: 'First.' }] },
      { content: [{ type: 'text', text: 'Second.' }] },
    ]);
    const { sessionId, workspace } = await start('one');
    const first = await followUntil(server.client, sessionId, isProcessExit);
    const { run } = await server.client.createRun(sessionId, { prompt: 'two' });
    const all = await followUntil(
      server.client,
      sessionId,
      (event) => isProcessExit(event) && event.seq > (first.at(-1)?.seq ?? 0),
    );
    expect(await server.client.run(run.id)).toMatchObject({ state: 'succeeded', answer: 'Second.' });
    expect(new Set(ofType(all, 'native_session.opened').map(({ data }) => data.nativeSessionId)).size).toBe(1);
    expect(JSON.stringify(emulator.requests('test').at(-1)?.body)).toContain('First.');
    expect(readdirSync(workspace)).toEqual([]);
  });

  test('is denied what the policy does not allow, and the turn goes on', async () => {
    emulator.script('test', [
      {
        content: [
          { type: 'tool_use', name: 'Bash', input: { command: 'python3 -c "print(1)"', description: 'count' } },
        ],
      },
      { content: [{ type: 'text', text: 'Then not.' }] },
    ]);
    const { sessionId, runId } = await start('Run something');
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'permission.requested')).toHaveLength(1);
    expect(ofType(events, 'permission.resolved').map(({ data }) => [data.decision, data.by])).toEqual([
      ['deny', 'policy'],
    ]);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'Then not.' });
  });

  test('leaves nothing behind that its shells started in the background', async () => {
    const command = 'setsid sleep 3600 >/dev/null 2>&1 & echo $! > pid';
    emulator.script('test', [
      { content: [{ type: 'tool_use', name: 'Bash', input: { command, description: 'Start a server' } }] },
      { content: [{ type: 'text', text: 'It runs.' }] },
    ]);
    const { sessionId, runId, workspace } = await start('Start a server', server.workspace(), 'trusted');
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'It runs.' });
    expect(ofType(events, 'permission.resolved').map(({ data }) => data.decision)).toEqual(['allow']);
    const [exited] = ofType(events, 'process.exited');
    expect(exited?.data.left).toBeGreaterThan(0);
    expect(commandLine(readFileSync(join(workspace, 'pid'), 'utf8').trim())).toBe('');
    expect(exited !== undefined && findByCookie().has(exited.data.processId)).toBe(false);
  });

  test('is interrupted in its own words', async () => {
    const gate = createGate();
    emulator.script('test', [
      { content: [{ type: 'text', text: 'one two three', chunks: 3 }], gate: { afterEvents: 3, until: gate } },
    ]);
    const { sessionId, runId } = await start('Count');
    await followUntil(server.client, sessionId, (event) => event.type === 'agent_message_chunk');
    await server.client.interrupt(runId);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['interrupted']);
  });

  test('whose subagent works on in the background has ended its turn only when that has reported', async () => {
    const gate = createGate();
    const subagent = { description: 'Count', prompt: 'subagent: count to three', subagent_type: 'general-purpose' };
    emulator.script('test', ({ body }) => {
      const messages = JSON.stringify((body as { messages: unknown }).messages);
      // The subagent's own conversation does not hold what the user said.
      if (!messages.includes('Have it counted')) {
        return { content: [{ type: 'text', text: 'One, two, three.' }], gate: { afterEvents: 1, until: gate } };
      }
      if (messages.includes('One, two, three.')) return { content: [{ type: 'text', text: 'It counted to three.' }] };
      if (messages.includes('Async agent launched')) return { content: [{ type: 'text', text: 'I wait for it.' }] };
      return { content: [{ type: 'tool_use', name: 'Agent', input: { ...subagent, run_in_background: true } }] };
    });
    const { sessionId, runId } = await start('Have it counted');
    await followUntil(server.client, sessionId, (event) => JSON.stringify(event).includes('I wait for it.'));
    await gate.reached;
    expect((await server.client.run(runId)).state).toBe('running');
    gate.open();
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'It counted to three.' });
  });

  test('that is refused by the model API fails with the reason, and says what to do', async () => {
    emulator.script('test', [{ error: { status: 403, type: 'permission_error', message: 'no' } }]);
    const { sessionId, runId } = await start('Hello');
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'failed', reason: 'auth_required' });
  });

  test('whose stream is cut repeats its answer without a word; it is shown once', async () => {
    const gate = createGate();
    emulator.script('test', [
      {
        content: [{ type: 'text', text: 'This is the whole answer.', chunks: 5 }],
        gate: { afterEvents: 4, until: gate },
        cutAfterEvents: 4,
      },
      { content: [{ type: 'text', text: 'This is the whole answer.' }] },
    ]);
    const { sessionId, runId } = await start('Answer');
    await followUntil(server.client, sessionId, (event) => event.type === 'agent_message_chunk');
    gate.open();
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'This is the whole answer.' });
    const shown = foldTranscript(events).items.flatMap((item) =>
      item.type === 'message' && item.text !== '' ? item.text : [],
    );
    expect(shown).toEqual(['This is the whole answer.']);
  });

  test.for([
    [429, 'rate_limit_error', { 'retry-after': '3600' }, 'rate_limited'],
    [529, 'overloaded_error', {}, 'overloaded'],
    [404, 'not_found_error', {}, 'model_not_found'],
  ] as const)('that gets a %i from the model API fails as what it is', async ([status, type, headers, reason]) => {
    emulator.script('test', [{ error: { status, type, message: 'no', headers } }]);
    const { sessionId, runId } = await start('Hello');
    await followUntil(server.client, sessionId, isProcessExit);
    const run = await server.client.run(runId);
    expect([run.state, run.reason, run.attempts]).toEqual(['failed', reason, 1]);
    expect(run.message).not.toBe('');
  });

  test('takes a prompt that looks like a flag as text (ATTACKS 18)', async () => {
    emulator.script('test', [{ content: [{ type: 'text', text: 'Only text.' }] }]);
    const { sessionId, runId } = await start('--dangerously-skip-permissions $(touch CANARY)');
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'Only text.' });
    expect(JSON.stringify(emulator.requests('test').at(-1)?.body)).toContain(
      '--dangerously-skip-permissions $(touch CANARY)',
    );
  });

  test('has neither prompt nor key in its arguments (ATTACKS 23)', async () => {
    const gate = createGate();
    emulator.script('test', [
      { content: [{ type: 'text', text: 'one two', chunks: 2 }], gate: { afterEvents: 3, until: gate } },
    ]);
    const { sessionId } = await start('the-secret-prompt');
    await gate.reached;
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(commandLine);
    expect(lines.some((line) => line.includes('stream-json'))).toBe(true);
    for (const line of lines) {
      expect(line).not.toContain(key);
      expect(line).not.toContain('the-secret-prompt');
    }
    gate.open();
    await followUntil(server.client, sessionId, isProcessExit);
  });

  test('is not taken from the workspace (ATTACKS 20)', async () => {
    const workspace = server.workspace();
    mkdirSync(join(workspace, 'node_modules', '.bin'), { recursive: true });
    for (const fake of ['claude', 'node_modules/.bin/claude', 'git', 'node']) {
      writeFileSync(join(workspace, fake), `#!/bin/sh\ntouch ${server.place}/FAKE\n`, { mode: 0o755 });
    }
    emulator.script('test', [{ content: [{ type: 'text', text: 'Real.' }] }]);
    const { sessionId, runId } = await start('Hello', workspace);
    await followUntil(server.client, sessionId, isProcessExit);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'Real.' });
    expect(readdirSync(server.place)).not.toContain('FAKE');
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
