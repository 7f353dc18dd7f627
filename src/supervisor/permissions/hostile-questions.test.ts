import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../agents/scripted/script.ts';
import { end, hang, permission, print, say, sleep as nap, waitForFile } from '../../agents/scripted/script.ts';
import type { Event } from '../../contracts/events.ts';
import type { PermissionId, RunId, SessionId } from '../../contracts/ids.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { Owner } from '../../store/rows.ts';
import { SupervisorUnderTest } from '../supervisor-under-test.ts';

let under: SupervisorUnderTest;
let owner: Owner;
/** What agents wait for. */
let go: string;

const config = { permissions: 'ask' as Policy, permissionDeadlineMs: 1_000_000 };
const warm = { ...config, warm: { maxProcesses: 4 } };

beforeEach(async () => {
  under = new SupervisorUnderTest();
  await under.start({ config });
  owner = await under.store.localOwner();
  go = join(under.directory, 'go');
});

afterEach(() => under[Symbol.asyncDispose]());

const isAsked = ({ type }: Event) => type === 'permission.requested';
const isOver = ({ type }: Event) => type === 'run.ended';
const dataOf = (events: readonly Event[], type: Event['type']) =>
  events.filter((event) => event.type === type).map(({ data }) => data);

const rm = permission('Remove', { tool: 'Bash', command: 'rm -rf build', input: { command: 'rm -rf build' } });
const brackets = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const deep = JSON.parse(`{"a":${brackets}}`) as Record<string, unknown>;

/** A question that the agent does not wait to be answered. */
const line = (id: string, title: string) => JSON.stringify({ type: 'permission', id, title, input: {} });

const pendingIds = async (): Promise<PermissionId[]> =>
  (await under.supervisor.permissions(owner, { isPending: true, limit: 1_000 })).map(({ id }) => id);

async function asked(...steps: Step[]): Promise<{ sessionId: SessionId; runId: RunId; id: PermissionId }> {
  const started = await under.run(...(steps.length === 0 ? [rm, end()] : steps));
  await under.until(started.sessionId, isAsked);
  const [id] = await pendingIds();
  if (id === undefined) throw new Error('Nothing waits');
  return { ...started, id };
}

async function allowingSession(permissions: Policy): Promise<SessionId> {
  const workspace = { path: under.workspace() };
  return (await under.supervisor.createSession(owner, { profile: 'scripted', workspace, permissions })).id;
}

describe('an agent that asks without end', () => {
  test('has a hundred questions that wait; the next is denied at once, and says why', async () => {
    const lines = Array.from({ length: 101 }, (_, index) => line(`q${index}`, `Question ${index}`));
    const { sessionId, runId } = await under.run(print(lines.join('\n')), hang());
    const events = await under.until(sessionId, ({ type }) => type === 'permission.resolved');
    expect(events.filter(isAsked)).toHaveLength(101);
    expect(await pendingIds()).toHaveLength(100);
    expect((await under.find(runId)).permissions.pending).toHaveLength(100);
    const [resolved, ...others] = dataOf(events, 'permission.resolved');
    expect(resolved).toMatchObject({ decision: 'deny', by: 'policy', rule: 'too much of it waits for an answer' });
    expect(others).toEqual([]);
    // Whoever answers one makes room for another.
    await under.supervisor.command(owner, runId, 'stop');
    await under.until(sessionId, isOver);
    expect(await pendingIds()).toEqual([]);
  });

  test('cannot have inputs of any size wait, and a list is small all the same', async () => {
    const big = (id: string): Step[] => [
      print(`{"type":"permission","id":"${id}","title":"Big","input":{"a":"`, { newline: false }),
      print('A'.repeat(1_000), { repeat: 6_000, newline: false }),
      print('"}}'),
    ];
    const { sessionId } = await under.run(...big('a'), ...big('b'), ...big('c'), hang());
    const events = await under.until(sessionId, ({ type }) => type === 'permission.resolved');
    expect(dataOf(events, 'permission.resolved')).toMatchObject([
      { decision: 'deny', by: 'policy', rule: 'too much of it waits for an answer' },
    ]);
    const waiting = await under.supervisor.permissions(owner, { isPending: true });
    expect(waiting).toHaveLength(2);
    expect(waiting.every((one) => !('rawInput' in one))).toBe(true);
    expect(JSON.stringify(waiting).length).toBeLessThan(10_000);
  });

  test('is denied what is nested too deeply, and its run goes on', async () => {
    const text = `{"type":"permission","id":"deep","title":"Deep","input":${brackets}}`;
    const { sessionId, runId } = await under.run(print(text), say('on'), end({ answer: 'went on' }));
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toMatchObject([
      { decision: 'deny', by: 'policy', rule: 'its input is nested too deeply' },
    ]);
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', answer: 'went on' });
  });

  test('is not asked about again under a name that was answered before a restart', async () => {
    const { sessionId, runId, id } = await asked(
      print(line('q1', 'one')),
      waitForFile(go),
      print(line('q1', 'two')),
      say('on'),
      hang(),
    );
    await under.supervisor.answerPermission(owner, id, { decision: 'deny' });
    await under.stop();
    await under.start({ config });
    await under.until(sessionId, ({ type }) => type === 'process.adopted');
    writeFileSync(go, '');
    await under.until(sessionId, ({ type }) => type === 'message.completed');
    expect(await pendingIds()).toEqual([]);
    expect(await under.find(runId)).toMatchObject({ state: 'running' });
  });
});

describe('an answer', () => {
  test('with an input that is nested too deeply is refused, and the question waits on', async () => {
    const { sessionId, runId, id } = await asked();
    await expect(
      under.supervisor.answerPermission(owner, id, { decision: 'allow', updatedInput: deep }),
    ).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('`updatedInput`') as string });
    expect(await under.supervisor.permission(owner, id)).toMatchObject({ decision: null });
    expect((await under.find(runId)).permissions.pending).toEqual([id]);
    await under.supervisor.answerPermission(owner, id, { decision: 'allow' });
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toMatchObject([{ decision: 'allow', by: 'user' }]);
  });

  test('that changes what is asked cannot be remembered', async () => {
    const { sessionId, id } = await asked();
    const answer = { decision: 'allow', remember: true, updatedInput: { command: 'ls' } } as const;
    await expect(under.supervisor.answerPermission(owner, id, answer)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('`remember`') as string,
    });
    expect((await under.supervisor.session(owner, sessionId)).permissions).toBeNull();
    expect(await pendingIds()).toEqual([id]);
  });

  test('is not remembered where its session has all the rules that it can have', async () => {
    const { sessionId, id } = await asked();
    const rules = Array.from({ length: 1_000 }, (_, index) => ({ action: 'ask', tool: `T${index}` }) as const);
    await under.supervisor.changeSession(owner, sessionId, { permissions: rules });
    await expect(
      under.supervisor.answerPermission(owner, id, { decision: 'allow', remember: true }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await under.supervisor.session(owner, sessionId)).permissions).toHaveLength(1_000);
    expect(await under.supervisor.sessions(owner)).toHaveLength(1);
    await under.supervisor.answerPermission(owner, id, { decision: 'allow' });
    await under.until(sessionId, isOver);
  });
});

describe('a policy', () => {
  test('that is tightened while a run starts holds for its first question', async () => {
    for (let tries = 0; tries < 15; tries += 1) {
      const id = await allowingSession('allow');
      const creating = under.runIn(id, nap(150), rm, end());
      await sleep(tries * 0.4);
      await under.supervisor.changeSession(owner, id, { permissions: 'deny' });
      await creating;
      const events = await under.until(id, isOver);
      const changedAt = events.findIndex(({ type }) => type === 'session.policy_changed');
      expect(changedAt).toBeLessThan(events.findIndex(isAsked));
      expect(dataOf(events, 'permission.resolved')).toMatchObject([{ decision: 'deny', by: 'policy' }]);
    }
  });

  test('of a session allows nothing to what a run left at work', async () => {
    await under.stop();
    await under.start({ config: warm });
    const id = await allowingSession('allow');
    await under.runIn(id, end(), waitForFile(go), print(line('left', 'Left behind')));
    await under.until(id, isOver);
    writeFileSync(go, '');
    const events = await under.until(id, ({ type }) => type === 'permission.resolved');
    expect(events.find(isAsked)?.runId).toBeUndefined();
    expect(dataOf(events, 'permission.resolved')).toMatchObject([
      { decision: 'deny', by: 'policy', rule: 'no run is open' },
    ]);
  });

  test('of a run has a process of its own', async () => {
    await under.stop();
    await under.start({ config: warm });
    const id = await allowingSession('allow');
    const play = async (permissions?: Policy) => {
      const prompt = JSON.stringify({ steps: [say('hello'), end()] });
      const input = { prompt, ...(permissions !== undefined && { permissions }) };
      await under.untilEnded((await under.supervisor.createRun(owner, id, input)).run.id);
      return await under.untilWarm(id);
    };
    const [denied, again, open, openAgain] = [await play('deny'), await play('deny'), await play(), await play()];
    expect(again).toBe(denied);
    expect(open).not.toBe(denied);
    expect(openAgain).toBe(open);
  });
});
