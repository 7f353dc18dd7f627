import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, hang, permission, say } from '../../agents/scripted/script.ts';
import type { Step } from '../../agents/scripted/script.ts';
import type { Event } from '../../contracts/events.ts';
import type { PermissionId, RunId, SessionId } from '../../contracts/ids.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { Owner } from '../../store/rows.ts';
import { until } from '../../../test/e2e/until.ts';
import { SupervisorUnderTest } from '../supervisor-under-test.ts';

let under: SupervisorUnderTest;
let owner: Owner;

const config = { permissions: 'ask' as Policy, permissionDeadlineMs: 1_000_000 };

beforeEach(async () => {
  under = new SupervisorUnderTest();
  await under.start({ config });
  owner = await under.store.localOwner();
});

afterEach(() => under[Symbol.asyncDispose]());

const isAsked = ({ type }: Event) => type === 'permission.requested';
const isOver = ({ type }: Event) => type === 'run.ended';
const dataOf = (events: readonly Event[], type: Event['type']) =>
  events.filter((event) => event.type === type).map(({ data }) => data);

const rm = permission('Remove everything', {
  tool: 'Bash',
  command: 'rm -rf build',
  input: { command: 'rm -rf build' },
});

/** A run that asks for the permission, and the question. */
async function asked(...steps: Step[]): Promise<{ sessionId: SessionId; runId: RunId; id: PermissionId }> {
  const started = await under.run(...(steps.length === 0 ? [rm, end()] : steps));
  await under.until(started.sessionId, isAsked);
  const [pending] = await under.supervisor.permissions(owner, { isPending: true });
  if (pending === undefined) throw new Error('Nothing waits');
  return { ...started, id: pending.id };
}

describe('a question that somebody is asked', () => {
  test('is kept with all that is known of it, and shows in the state of its run', async () => {
    const { runId, sessionId, id } = await asked();
    expect(await under.supervisor.permission(owner, id)).toMatchObject({
      sessionId,
      runId,
      title: 'Remove everything',
      tool: 'Bash',
      command: 'rm -rf build',
      rawInput: { command: 'rm -rf build' },
      otherwise: 'deny',
      decision: null,
    });
    const run = await under.find(runId);
    expect(run).toMatchObject({ state: 'awaiting_permission', permissions: { isAllowAll: false, pending: [id] } });
    expect(run.evidence).toContain('Remove everything');
    expect(run.permissions.rules).toEqual(['ask everything (server)']);
  });

  test('takes the first of ten answers; the others are told of it, and recorded', async () => {
    const { sessionId, runId, id } = await asked(rm, say('on'), end());
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        under.supervisor.answerPermission(owner, id, { decision: index % 2 === 0 ? 'allow' : 'deny' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'already_resolved' });
    }
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toEqual([{ permissionId: id, decision: 'allow', by: 'user' }]);
    expect((await under.find(runId)).state).toBe('succeeded');
    await expect(under.supervisor.answerPermission(owner, id, { decision: 'deny' })).rejects.toMatchObject({
      code: 'already_resolved',
      message: expect.stringContaining('allow (by user)') as string,
    });
    const entries = await under.supervisor.auditEntries(owner, { sessionId });
    expect(entries.map(({ action }) => action).toSorted()).toEqual([
      'permission.allow',
      ...Array<string>(10).fill('permission.refused'),
    ]);
    expect(entries.every(({ userId, runId: ofRun }) => userId === owner.userId && ofRun === runId)).toBe(true);
  });

  test('is answered with the default when its deadline has come, and the turn goes on', async () => {
    await under.stop();
    await under.start({ config: { ...config, permissionDeadlineMs: 2_000 } });
    const { sessionId, runId } = await under.run(rm, say('on'), end({ answer: 'went on' }));
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toMatchObject([{ decision: 'deny', by: 'deadline' }]);
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', answer: 'went on' });
    const [entry] = await under.supervisor.auditEntries(owner, {});
    expect(entry).toMatchObject({ action: 'permission.deny', userId: null, detail: { by: 'deadline' } });
  });

  test('outlives the server, and is answered after it', async () => {
    const { sessionId, id, runId } = await asked();
    await under.stop();
    await under.start({ config });
    await under.until(sessionId, ({ type }) => type === 'process.adopted');
    expect((await under.find(runId)).state).toBe('awaiting_permission');
    const answered = await under.supervisor.answerPermission(owner, id, { decision: 'allow' });
    expect(answered).toMatchObject({ decision: 'allow', by: 'user' });
    await under.until(sessionId, isOver);
    expect((await under.find(runId)).state).toBe('succeeded');
  });

  test('has a deadline that stands still while the run is paused', async () => {
    await under.stop();
    // By the hasty clock 400 ms.
    await under.start({ config: { ...config, permissionDeadlineMs: 8_000 } });
    const { sessionId, runId, id } = await asked();
    expect(await under.supervisor.command(owner, runId, 'pause')).toMatchObject({ state: 'paused' });
    const { deadlineAt } = await under.supervisor.permission(owner, id);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await under.supervisor.permission(owner, id)).toMatchObject({ decision: null });
    expect(await under.supervisor.command(owner, runId, 'resume')).toMatchObject({ state: 'awaiting_permission' });
    const later = (await under.supervisor.permission(owner, id)).deadlineAt;
    expect(Date.parse(later) - Date.parse(deadlineAt)).toBeGreaterThan(700);
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toMatchObject([{ by: 'deadline' }]);
  });

  test('can be answered while the run is paused, which stays so', async () => {
    const { sessionId, runId, id } = await asked(rm, hang());
    await under.supervisor.command(owner, runId, 'pause');
    await under.supervisor.answerPermission(owner, id, { decision: 'allow' });
    expect((await under.find(runId)).state).toBe('paused');
    expect(await under.supervisor.command(owner, runId, 'resume')).toMatchObject({ state: 'running' });
    await under.until(sessionId, (event) => event.type === 'message.completed');
  });

  test('goes with the turn that asked it', async () => {
    const { sessionId, runId, id } = await asked(rm, hang());
    await under.supervisor.command(owner, runId, 'stop');
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toEqual([{ permissionId: id, decision: 'deny', by: 'agent' }]);
    expect(await under.supervisor.permissions(owner, { isPending: true })).toEqual([]);
    expect(await under.supervisor.permission(owner, id)).toMatchObject({ decision: 'deny', by: 'agent' });
  });

  test('that is to be remembered leaves a rule for the session, and only for that very command', async () => {
    const { sessionId, id } = await asked(rm, end());
    await under.supervisor.answerPermission(owner, id, { decision: 'allow', remember: true });
    await under.until(sessionId, isOver);
    const session = await under.supervisor.session(owner, sessionId);
    expect(session.permissions).toEqual([{ action: 'allow', tool: 'Bash', command: 'rm -rf build' }]);
    const next = await under.runIn(sessionId, rm, permission('More', { tool: 'Bash', command: 'rm -rf src' }), end());
    const events = await under.until(sessionId, (event) => isAsked(event) && JSON.stringify(event).includes('More'));
    expect(dataOf(events, 'permission.resolved').at(-1)).toMatchObject({ by: 'policy', decision: 'allow' });
    expect((await under.find(next)).state).toBe('awaiting_permission');
  });

  test('can be allowed with another input', async () => {
    const { sessionId, id } = await asked(rm, end());
    await under.supervisor.answerPermission(owner, id, { decision: 'allow', updatedInput: { command: 'ls' } });
    const events = await under.until(sessionId, isOver);
    expect(JSON.stringify(events)).toContain('{\\"command\\":\\"ls\\"}');
  });

  test('is not there for anybody else', async () => {
    const { id } = await asked();
    const stranger = { tenantId: owner.tenantId, userId: 'usr_other' as Owner['userId'] };
    await expect(under.supervisor.answerPermission(stranger, id, { decision: 'allow' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await under.supervisor.permissions(stranger, {})).toEqual([]);
    const entries = await until(async () => {
      const found = await under.supervisor.auditEntries(owner, {});
      return found.length > 0 ? found : null;
    }, 'the attempt to be recorded');
    expect(entries).toMatchObject([{ action: 'permission.refused', userId: 'usr_other', detail: { by: 'stranger' } }]);
  });

  test.each([
    [{ decision: 'deny', updatedInput: {} } as const, '`updatedInput`'],
    [{ decision: 'allow', message: 'no' } as const, '`message`'],
  ])('refuses the answer %j', async (answer, named) => {
    const { id } = await asked();
    await expect(under.supervisor.answerPermission(owner, id, answer)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(named) as string,
    });
  });
});

describe('policies', () => {
  const play = async (session: Policy | undefined, run: Policy | undefined) => {
    const { id } = await under.supervisor.createSession(owner, {
      profile: 'scripted',
      workspace: { path: under.workspace() },
      ...(session !== undefined && { permissions: session }),
    });
    const { run: created } = await under.supervisor.createRun(owner, id, {
      prompt: JSON.stringify({ steps: [rm, end()] }),
      ...(run !== undefined && { permissions: run }),
    });
    const events = await under.until(id, isOver);
    return { shown: created.permissions, resolved: dataOf(events, 'permission.resolved') };
  };

  test('are asked from the nearest on, and an allow all is shown as such', async () => {
    const allowed = await play([{ action: 'deny', tool: 'Bash' }], 'allow');
    expect(allowed.shown).toMatchObject({ isAllowAll: true });
    expect(allowed.shown.rules[0]).toBe('allow everything (run)');
    expect(allowed.resolved).toMatchObject([{ decision: 'allow', by: 'policy', rule: 'allow everything (run)' }]);
    const denied = await play([{ action: 'deny', tool: 'Bash' }], undefined);
    expect(denied.shown).toMatchObject({ isAllowAll: false });
    expect(denied.resolved).toMatchObject([{ decision: 'deny', by: 'policy', rule: 'deny Bash (session)' }]);
  });

  test('can be changed while a run is going', async () => {
    const { sessionId, id } = await asked(rm, rm, end());
    await under.supervisor.changeSession(owner, sessionId, { permissions: 'allow' });
    await under.supervisor.answerPermission(owner, id, { decision: 'deny' });
    const events = await under.until(sessionId, isOver);
    expect(dataOf(events, 'permission.resolved')).toMatchObject([{ by: 'user' }, { by: 'policy', decision: 'allow' }]);
  });
});
