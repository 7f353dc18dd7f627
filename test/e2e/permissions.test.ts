import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, permission, say, script } from '../../src/agents/scripted/script.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(() => {
  server = new TestServer({ config: { permissions: 'ask', permissionDeadlineMs: 120_000 } });
});

afterEach(() => server.dispose());

const push = permission('Push to main', { tool: 'Bash', command: 'git push' });

async function asked() {
  const sessionId = await server.session();
  const { run } = await server.client.createRun(sessionId, { prompt: script(push, say('on'), end({ answer: 'on' })) });
  const [pending] = await until(async () => {
    const found = await server.client.permissions({ pending: true });
    return found.length > 0 ? found : null;
  }, 'a question');
  return { sessionId, runId: run.id, id: pending?.id ?? '' };
}

// FAULTS 30.
describe('a permission that nobody answers', () => {
  test('is denied at its deadline, and the turn goes on', async () => {
    await server.dispose();
    server = new TestServer({ config: { permissions: [{ action: 'ask', deadlineMs: 500 }] } });
    await server.start();
    const { sessionId, runId } = await asked();
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'permission.resolved').map(({ data }) => [data.decision, data.by])).toEqual([
      ['deny', 'deadline'],
    ]);
    expect(await server.client.run(runId)).toMatchObject({ state: 'succeeded', answer: 'on' });
  });

  test('still has its deadline when the server was killed meanwhile', async () => {
    await server.dispose();
    server = new TestServer({ config: { permissions: [{ action: 'ask', deadlineMs: 1_500, otherwise: 'allow' }] } });
    await server.start();
    const { sessionId } = await asked();
    await server.crash();
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'permission.resolved').map(({ data }) => [data.decision, data.by])).toEqual([
      ['allow', 'deadline'],
    ]);
  });
});

// FAULTS 30, ATTACKS 12.
describe('a permission that ten answer at once', () => {
  test('is decided once, also where the server is killed in the middle of it', async () => {
    await server.start();
    const { sessionId, id } = await asked();
    const answer = (index: number) =>
      server.client.answerPermission(id, { decision: index % 2 === 0 ? 'allow' : 'deny' }).then(
        ({ decision }) => decision,
        (error: unknown) => (error as { problem?: { decision?: string } }).problem?.decision ?? 'refused',
      );
    const first = Array.from({ length: 10 }, (_, index) => answer(index));
    await server.crash();
    const told = new Set([...(await Promise.all(first)), ...(await Promise.all([answer(0), answer(1)]))]);
    const events = await followUntil(server.client, sessionId, isProcessExit);
    const resolved = ofType(events, 'permission.resolved').map(({ data }) => data.decision);
    expect(resolved).toHaveLength(1);
    // Whoever was told a decision was told this one.
    const decisions = [...told].filter((word) => word === 'allow' || word === 'deny');
    expect(decisions.every((decision) => decision === resolved[0])).toBe(true);
    const said = JSON.stringify(ofType(events, 'message.completed').map(({ data }) => data.content));
    expect(said).toContain(resolved[0] === 'allow' ? 'Allowed: Push' : 'Denied: Push');
  });
});

// ATTACKS 12.
describe('an answer', () => {
  test('that is replayed, comes twice or too late is refused, and recorded with who gave it', async () => {
    await server.start();
    const { sessionId, id } = await asked();
    await server.client.answerPermission(id, { decision: 'deny' });
    await followUntil(server.client, sessionId, isProcessExit);
    for (let replay = 0; replay < 3; replay += 1) {
      await expect(server.client.answerPermission(id, { decision: 'allow' })).rejects.toMatchObject({
        status: 409,
        code: 'already_resolved',
      });
    }
    const entries = await server.client.auditEntries({ sessionId });
    expect(entries.map(({ action }) => action)).toEqual([
      'permission.refused',
      'permission.refused',
      'permission.refused',
      'permission.deny',
    ]);
    expect(entries.every(({ userId }) => userId !== null)).toBe(true);
  });

  test('to what is not there is refused', async () => {
    await server.start();
    const nowhere = 'prm_01900000-0000-7000-8000-000000000000';
    await expect(server.client.answerPermission(nowhere, { decision: 'allow' })).rejects.toMatchObject({ status: 404 });
    await expect(server.client.answerPermission('prm_1', { decision: 'allow' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('a malformed policy', () => {
  test('is refused at load, with file, line and rule', async () => {
    const file = join(server.dataDir, 'config.yaml');
    writeFileSync(
      file,
      [
        'permissions:',
        '  - { action: allow, tool: Read }',
        '  - action: alow',
        '    tool: Bash',
        'profiles:',
        '  scripted: { driver: scripted }',
      ].join('\n'),
    );
    const child = server.spawnServer();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).not.toBe(0);
    expect(server.stderr).toContain(`${file}:3: permissions.1.action is "alow"`);
    expect(server.stderr).toContain('rule 2');
  });

  test('is refused by the API, naming the rule', async () => {
    await server.start();
    const workspace = { path: server.workspace() };
    const permissions = [{ action: 'allow' }, { action: 'deny', tool: 7 }] as never;
    await expect(server.client.createSession({ profile: 'scripted', workspace, permissions })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('rule 2') as string,
    });
  });
});
