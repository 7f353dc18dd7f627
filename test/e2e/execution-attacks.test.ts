import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

beforeEach(() => {
  server = new TestServer({ env: { ANTHROPIC_API_KEY: 'sk-ant-canary-in-the-environment' } });
});

afterEach(() => server.dispose());

const metacharacters = [
  '$(touch CANARY)',
  '`touch CANARY`',
  '; touch CANARY #',
  '| touch CANARY',
  '&& touch CANARY',
  '\n touch CANARY\n',
];

describe('shell metacharacters (ATTACKS 17)', () => {
  test('in prompts and in the names of workspaces are only characters', async () => {
    await server.start();
    for (const name of metacharacters) {
      const workspace = join(server.place, name.replaceAll('/', '_'));
      mkdirSync(workspace);
      const sessionId = await server.session('scripted', workspace);
      await server.client.createRun(sessionId, { prompt: name });
      const events = await followUntil(server.client, sessionId, isProcessExit);
      expect(ofType(events, 'run.queued')[0]?.data.prompt).toBe(name);
      expect(ofType(events, 'run.ended')[0]?.data.outcome).toBe('succeeded');
      expect(existsSync(join(workspace, 'CANARY'))).toBe(false);
    }
    expect(existsSync('CANARY') || existsSync(join(server.place, 'CANARY'))).toBe(false);
    for (const profile of metacharacters) {
      const refused = server.client.createSession({ profile, workspace: { path: server.place } });
      await expect(refused).rejects.toMatchObject({ code: 'unknown_profile' });
    }
  });
});

describe('a prompt that looks like a flag (ATTACKS 18)', () => {
  test('is literal text', async () => {
    await server.start();
    const sessionId = await server.session();
    await server.client.createRun(sessionId, { prompt: '--dangerously-skip-permissions' });
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded' });
    expect(ofType(events, 'run.ended')[0]?.data.answer).toContain('--dangerously-skip-permissions');
  });
});

describe('a fake node, git or claude in the workspace (ATTACKS 20)', () => {
  test('is never executed, even where the server’s PATH has relative entries', async () => {
    const workspace = server.workspace();
    for (const name of ['node', 'git', 'claude', 'sh', 'env']) {
      const fake = join(workspace, name);
      writeFileSync(fake, `#!/bin/sh\n/bin/echo ${name} >> ${join(server.place, 'FAKE')}\n`);
      chmodSync(fake, 0o755);
    }
    await server.start({ PATH: `.::${process.env['PATH'] ?? ''}` });
    const sessionId = await server.session('scripted', workspace);
    await server.client.createRun(sessionId, { prompt: script(say('hello'), end()) });
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data.outcome).toBe('succeeded');

    // Whether Claude Code is installed here or not: what would be started is not in the workspace.
    for (const { command } of await server.client.profiles()) expect(command ?? '/').toMatch(/^\//);
    for (const { command } of await server.client.profiles()) expect(command ?? '').not.toContain(workspace);
    expect(existsSync(join(server.place, 'FAKE'))).toBe(false);
  });
});

describe('the arguments of every child during a run (ATTACKS 23)', () => {
  test('hold no secret and no prompt', async () => {
    await server.start();
    const gate = join(server.place, 'gate');
    const sessionId = await server.session();
    const prompt = script(say('secret-prompt-text'), waitForFile(gate), end());
    await server.client.createRun(sessionId, { prompt });
    const events = await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
    const [started] = ofType(events, 'process.started');
    const pids = started === undefined ? [] : (findByCookie().get(started.data.processId) ?? []);
    expect(pids.length).toBeGreaterThan(0);
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(commandLine);
    for (const line of all) {
      expect(line).not.toContain('secret-prompt-text');
      expect(line).not.toContain(server.token);
      expect(line).not.toContain('sk-ant-canary');
    }
    // And the holder's environment is empty: it has nothing to leak.
    const identity = JSON.parse(
      readFileSync(join(server.processDirectory(started?.data.processId ?? ''), 'pid'), 'utf8'),
    ) as {
      holder: { pid: number };
    };
    expect(readFileSync(`/proc/${identity.holder.pid}/environ`, 'utf8')).toBe('');
    writeFileSync(gate, '');
    await followUntil(server.client, sessionId, isProcessExit);
  });
});

describe('the bearer token (ATTACKS 7)', () => {
  test('is refused in a URL, and stands in no log, event or error', async () => {
    await server.start();
    const { token } = server;
    const refused = await fetch(`${server.url}/v1/sessions?token=${token}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(refused.status).toBe(400);
    const answer = await refused.text();
    const sessionId = await server.session();
    await server.client.createRun(sessionId, { prompt: script(say('hello'), end()) });
    const events = await followUntil(server.client, sessionId, isProcessExit);
    await server.signal('SIGTERM');
    for (const text of [answer, JSON.stringify(events), server.stderr]) expect(text).not.toContain(token);
    const stored = readdirSync(server.dataDir).filter((name) => name !== 'token' && name !== 'processes');
    for (const name of stored) expect(readFileSync(join(server.dataDir, name)).includes(token)).toBe(false);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
