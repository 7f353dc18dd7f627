import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../agents/scripted/script.ts';
import { end, hang, ignoreSignals, permission, say, script, waitForFile } from '../agents/scripted/script.ts';
import type { Event } from '../contracts/events.ts';
import type { RunId, SessionId } from '../contracts/ids.ts';
import type { Owner } from '../store/rows.ts';
import { SlowStore } from './fixtures/slow-store.ts';
import { SupervisorUnderTest } from './supervisor-under-test.ts';

let under: SupervisorUnderTest;
let slow: SlowStore;
let owner: Owner;
/** What agents wait for. */
let go: string;

const config = { warm: { maxProcesses: 4 }, interruptGraceMs: 2_000 };
const forEver = waitForFile('/nowhere/at/all');

beforeEach(async () => {
  under = new SupervisorUnderTest();
  slow = new SlowStore();
  await under.start({ store: slow.around, config });
  owner = await under.store.localOwner();
  go = join(under.directory, 'go');
});

afterEach(async () => {
  slow.heal();
  await under[Symbol.asyncDispose]();
});

const isSaid = ({ type }: Event) => type === 'message.completed';
const ended = (runId: RunId) => (event: Event) => event.type === 'run.ended' && event.runId === runId;
const count = (events: readonly Event[], type: Event['type']) => events.filter((event) => event.type === type).length;

/** A session whose first run has begun and waits for `go`, or for ever. */
async function begun(step = waitForFile(go)): Promise<{ sessionId: SessionId; runId: RunId }> {
  const started = await under.run(say('begun'), step, end());
  await under.until(started.sessionId, isSaid);
  return started;
}

async function replace(sessionId: SessionId, ...steps: Step[]): Promise<RunId> {
  const input = { prompt: script(...steps), mode: 'replace' } as const;
  return (await under.supervisor.createRun(owner, sessionId, input)).run.id;
}

describe('a run that waits', () => {
  test('is canceled once by ten callers at once, and all are told so', async () => {
    const { sessionId, runId } = await begun();
    const waiting = await under.runIn(sessionId, say('never'), end());
    const ten = Array.from({ length: 10 }, () => under.supervisor.command(owner, waiting, 'cancel'));
    expect(new Set((await Promise.all(ten)).map(({ state }) => state))).toEqual(new Set(['canceled']));
    writeFileSync(go, '');
    const events = await under.until(sessionId, ended(runId));
    expect(events.filter(ended(waiting))).toHaveLength(1);
  });

  test('takes two changes at once', async () => {
    const { sessionId } = await begun();
    const first = await under.runIn(sessionId, say('first'), end());
    const second = await under.runIn(sessionId, say('second'), end());
    const [edited, moved] = await Promise.all([
      under.supervisor.changeRun(owner, second, { prompt: script(say('edited'), end()) }),
      under.supervisor.changeRun(owner, second, { before: first }),
    ]);
    expect([edited.state, moved.state]).toEqual(['queued', 'queued']);
    writeFileSync(go, '');
    expect(await under.untilEnded(second)).toMatchObject({ state: 'succeeded', answer: 'edited' });
    const events = await under.until(sessionId, ended(first));
    expect(events.findIndex(ended(second))).toBeLessThan(events.findIndex(ended(first)));
  });

  test('cannot be what its session is paused for', async () => {
    const { sessionId } = await begun();
    const waiting = await under.runIn(sessionId, say('next'), end());
    await expect(under.supervisor.pauseWhenFinished(owner, waiting)).rejects.toMatchObject({ code: 'wrong_state' });
    expect(await under.supervisor.session(owner, sessionId)).toMatchObject({ isPaused: false });
    writeFileSync(go, '');
    expect(await under.untilEnded(waiting)).toMatchObject({ state: 'succeeded' });
  });

  test('and is being started is stopped by whoever does what he is told', async () => {
    const start = slow.holdCommits('attempt.started');
    const { runId } = await under.run(say('begun'), hang());
    await start.reached;
    await expect(under.supervisor.command(owner, runId, 'stop')).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('possible now: cancel') as string,
    });
    const canceling = expect(under.supervisor.command(owner, runId, 'cancel')).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('stop') as string,
    });
    // By then the cancel has not found it in the queue.
    expect((await under.find(runId)).state).toBe('queued');
    start.release();
    await canceling;
    await under.supervisor.command(owner, runId, 'stop');
    expect(await under.untilEnded(runId)).toMatchObject({ state: 'stopped' });
  });
});

describe('a session', () => {
  test('is paused once by ten callers at once', async () => {
    const { sessionId, runId } = await begun();
    const ten = Array.from({ length: 10 }, () => under.supervisor.pauseSession(owner, sessionId));
    expect((await Promise.all(ten)).every(({ isPaused }) => isPaused)).toBe(true);
    writeFileSync(go, '');
    expect(count(await under.until(sessionId, ended(runId)), 'session.paused')).toBe(1);
  });

  test('that is resumed while a prompt comes starts it', async () => {
    const { sessionId, runId } = await under.run(say('begun'), end());
    await under.untilEnded(runId);
    await under.supervisor.pauseSession(owner, sessionId);
    const [next] = await Promise.all([
      under.runIn(sessionId, say('next'), end()),
      under.supervisor.resumeSession(owner, sessionId),
    ]);
    expect(await under.untilEnded(next)).toMatchObject({ state: 'succeeded' });
  });

  test('is paused and has its policy changed at once', async () => {
    const { sessionId, runId } = await begun();
    const waiting = await under.runIn(sessionId, permission('May I?'), end());
    await Promise.all([
      under.supervisor.pauseSession(owner, sessionId),
      under.supervisor.changeSession(owner, sessionId, { permissions: 'allow' }),
    ]);
    const session = await under.supervisor.session(owner, sessionId);
    expect(session).toMatchObject({ isPaused: true, permissions: 'allow' });
    writeFileSync(go, '');
    await under.untilEnded(runId);
    await under.untilWarm(sessionId);
    expect(await under.find(waiting)).toMatchObject({ state: 'queued', evidence: 'its session is paused' });
    await under.supervisor.resumeSession(owner, sessionId);
    const events = await under.until(sessionId, ended(waiting));
    expect(events.find(({ type }) => type === 'permission.resolved')?.data).toMatchObject({ decision: 'allow' });
  });

  test('that is resumed while its policy is tightened asks by the new one', async () => {
    const { id } = await under.supervisor.createSession(owner, {
      profile: 'scripted',
      workspace: { path: under.workspace() },
      permissions: 'allow',
    });
    await under.supervisor.pauseSession(owner, id);
    const runId = await under.runIn(id, permission('May I?'), end());
    await Promise.all([
      under.supervisor.changeSession(owner, id, { permissions: 'deny' }),
      under.supervisor.resumeSession(owner, id),
    ]);
    const events = await under.until(id, ended(runId));
    expect(events.find(({ type }) => type === 'permission.resolved')?.data).toMatchObject({ decision: 'deny' });
    expect((await under.supervisor.session(owner, id)).permissions).toBe('deny');
  });
});

describe('a prompt that replaces a run', () => {
  test('which is being started has it interrupted when it has', async () => {
    const start = slow.holdCommits('attempt.started');
    const { sessionId, runId } = await under.run(say('begun'), forEver);
    await start.reached;
    const replacing = replace(sessionId, say('instead'), end());
    expect((await under.find(runId)).state).toBe('queued');
    start.release();
    expect(await under.untilEnded(await replacing)).toMatchObject({ state: 'succeeded', answer: 'instead' });
    expect(await under.find(runId)).toMatchObject({ state: 'interrupted' });
  });

  test('which is being paused has it interrupted all the same', async () => {
    const { sessionId, runId } = await begun(forEver);
    const disk = slow.holdFlushes();
    const pausing = under.supervisor.command(owner, runId, 'pause');
    await disk.reached;
    const replacing = replace(sessionId, say('instead'), end());
    await under.until(sessionId, (event) => event.type === 'run.queued' && event.runId !== runId);
    disk.release();
    await pausing;
    expect(await under.untilEnded(await replacing)).toMatchObject({ state: 'succeeded', answer: 'instead' });
    expect(await under.find(runId)).toMatchObject({ state: 'interrupted' });
  });

  test('and is replaced itself interrupts nothing else, also after a restart', async () => {
    const { sessionId, runId } = await under.run(say('begun'), ignoreSignals('SIGINT'), forEver);
    await under.until(sessionId, isSaid);
    const first = await replace(sessionId, say('first'), end());
    const second = await replace(sessionId, say('second'), waitForFile(go), end());
    await under.until(sessionId, (event) => isSaid(event) && event.runId === second);
    await under.stop();
    await under.start({ store: slow.around, config });
    await under.until(sessionId, ({ type }) => type === 'process.adopted');
    // Several sweeps of the hasty clock: there is no sign of what does not happen.
    await sleep(300);
    expect(await under.find(second)).toMatchObject({ state: 'running', requestedVerb: null });
    writeFileSync(go, '');
    expect(await under.untilEnded(second)).toMatchObject({ state: 'succeeded' });
    expect(await under.untilEnded(first)).toMatchObject({ state: 'succeeded' });
    const events = await under.until(sessionId, ended(first));
    expect(events.filter(({ type }) => type === 'run.verb_requested').map((event) => event.runId)).toEqual([runId]);
  });

  test('has a place of its own beside another, and can be moved', async () => {
    const { sessionId } = await begun(hang());
    await under.supervisor.pauseSession(owner, sessionId);
    const two = await Promise.all([replace(sessionId, say('x'), end()), replace(sessionId, say('y'), end())]);
    const order = async () => {
      const runs = await Promise.all(two.map((id) => under.find(id)));
      return runs.toSorted((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0)).map(({ id }) => id);
    };
    const rows = (await under.store.openRuns()).filter(({ id }) => two.includes(id));
    expect(new Set(rows.map(({ position }) => position)).size).toBe(2);
    const [front, behind] = await order();
    if (front === undefined || behind === undefined) throw new Error('Two runs are to wait');
    await under.supervisor.changeRun(owner, behind, { before: front });
    expect(await order()).toEqual([behind, front]);
  });
});

test('a key that was used is answered with its run, however busy the directory is by then', async () => {
  const path = under.workspace();
  const create = () => under.supervisor.createSession(owner, { profile: 'scripted', workspace: { path } });
  const [mine, other] = [await create(), await create()];
  const input = { prompt: script(say('mine'), end()), ifBusy: 'refuse' } as const;
  const { run } = await under.supervisor.createRun(owner, mine.id, input, 'key');
  await under.untilEnded(run.id);
  await under.runIn(other.id, say('busy'), hang());
  await under.until(other.id, isSaid);
  const again = await under.supervisor.createRun(owner, mine.id, input, 'key');
  expect([again.run.id, again.isRepeated]).toEqual([run.id, true]);
  await expect(under.supervisor.createRun(owner, mine.id, input, 'another')).rejects.toMatchObject({
    code: 'workspace_busy',
  });
});

test('a resume that comes while a second pause is under way is not answered for the first', async () => {
  const { runId } = await begun();
  await under.supervisor.command(owner, runId, 'pause');
  await under.supervisor.command(owner, runId, 'resume');
  const disk = slow.holdFlushes();
  const pausing = under.supervisor.command(owner, runId, 'pause');
  await disk.reached;
  await expect(under.supervisor.command(owner, runId, 'resume')).rejects.toMatchObject({ code: 'wrong_state' });
  disk.release();
  expect(await pausing).toMatchObject({ state: 'paused' });
  expect(await under.supervisor.command(owner, runId, 'resume')).toMatchObject({ state: 'running' });
  writeFileSync(go, '');
  expect(await under.untilEnded(runId)).toMatchObject({ state: 'succeeded' });
});
