import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, numbered, permission, say, script, waitForFile } from '../agents/scripted/script.ts';
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

const config = { warm: { maxProcesses: 4 } };

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
const isRun = (id: RunId, what: Event['type']) => (event: Event) => event.type === what && event.runId === id;
const dataOf = (events: readonly Event[], type: Event['type']) =>
  events.filter((event) => event.type === type).map(({ data }) => data);

/** Until the run has ended, and one more after it: whatever came twice has come by then. */
async function eventsOf(sessionId: SessionId, runId: RunId): Promise<Event[]> {
  await under.untilEnded(runId);
  const last = await under.runIn(sessionId, say('the last'), end());
  expect(await under.untilEnded(last)).toMatchObject({ state: 'succeeded' });
  return (await under.until(sessionId, isRun(last, 'run.ended'))).filter((event) => event.runId === runId);
}

function expectOnce(events: readonly Event[], messages: number): void {
  for (const type of ['run.started', 'attempt.started', 'attempt.ended', 'run.ended'] as const) {
    expect(dataOf(events, type), type).toHaveLength(1);
  }
  const said = dataOf(events, 'message.completed').map((data) => JSON.stringify(data));
  expect(said).toHaveLength(messages);
  said.forEach((text, index) => expect(text).toContain(`"text":"${index + 1}"`));
}

describe('the start of a turn on a process that waits for one', () => {
  test('is tried again when its commit is refused, and nothing of it is told twice', async () => {
    const { sessionId } = await under.run(say('begun'), end());
    await under.untilWarm(sessionId);
    slow.refuseCommits('attempt.started', 2);
    const runId = await under.runIn(sessionId, numbered(60, { everyMs: 10 }), end());
    const events = await eventsOf(sessionId, runId);
    expectOnce(events, 60);
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  test('holds when only the disk refused it, and nothing of it is told twice', async () => {
    const { sessionId } = await under.run(say('begun'), end());
    await under.untilWarm(sessionId);
    slow.refuseFlushAfter('attempt.started');
    const runId = await under.runIn(sessionId, numbered(60, { everyMs: 10 }), end());
    const events = await eventsOf(sessionId, runId);
    expectOnce(events, 60);
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });
});

describe('a pause of the session', () => {
  test('that is refused is not in force', async () => {
    const { sessionId, runId } = await under.run(say('begun'), end());
    await under.untilEnded(runId);
    slow.refuseCommits('session.paused');
    await expect(under.supervisor.pauseSession(owner, sessionId)).rejects.toThrow('Refused');
    expect(await under.supervisor.session(owner, sessionId)).toMatchObject({ isPaused: false });
    const next = await under.runIn(sessionId, say('next'), end());
    expect(await under.untilEnded(next)).toMatchObject({ state: 'succeeded' });
  });

  test('that the disk alone refused is in force where the session says so', async () => {
    const { sessionId, runId } = await under.run(say('begun'), waitForFile(go), end());
    await under.until(sessionId, isSaid);
    const next = await under.runIn(sessionId, say('next'), end());
    slow.refuseFlushAfter('session.paused');
    await expect(under.supervisor.pauseSession(owner, sessionId)).rejects.toThrow('No space left');
    const { isPaused } = await under.supervisor.session(owner, sessionId);
    writeFileSync(go, '');
    await under.untilEnded(runId);
    if (!isPaused) await under.untilEnded(next);
    else expect(await under.find(next)).toMatchObject({ state: 'queued', evidence: 'its session is paused' });
  });
});

describe('a policy of the session', () => {
  /** A run that asks when it may, and what its session was to allow by then. */
  const change = async (): Promise<{ sessionId: SessionId; runId: RunId; refusal: unknown }> => {
    await under.stop();
    await under.start({ store: slow.around, config: { ...config, permissions: 'deny' } });
    const { sessionId, runId } = await under.run(say('begun'), waitForFile(go), permission('May I?'), end());
    await under.until(sessionId, isSaid);
    const changing = under.supervisor.changeSession(owner, sessionId, { permissions: 'allow' });
    const refusal: unknown = await changing.then(
      () => null,
      (error: unknown) => error,
    );
    return { sessionId, runId, refusal };
  };
  const decision = async (sessionId: SessionId, runId: RunId) => {
    writeFileSync(go, '');
    return dataOf(await under.until(sessionId, isRun(runId, 'run.ended')), 'permission.resolved');
  };

  test('that is refused is not in force', async () => {
    slow.refuseCommits('session.policy_changed');
    const { sessionId, runId, refusal } = await change();
    expect(refusal).toBeInstanceOf(Error);
    expect((await under.supervisor.session(owner, sessionId)).permissions).toBeNull();
    expect(await decision(sessionId, runId)).toMatchObject([{ decision: 'deny', by: 'policy' }]);
  });

  test('that the disk alone refused is in force where the session says so', async () => {
    slow.refuseFlushAfter('session.policy_changed');
    const { sessionId, runId, refusal } = await change();
    expect(refusal).toBeInstanceOf(Error);
    const isAllowed = (await under.supervisor.session(owner, sessionId)).permissions !== null;
    const decided = await decision(sessionId, runId);
    expect(decided).toMatchObject([{ decision: isAllowed ? 'allow' : 'deny', by: 'policy' }]);
  });
});

test('two edits of a prompt that are refused leave it as it was', async () => {
  const { sessionId } = await under.run(say('begun'), waitForFile(go), end());
  await under.until(sessionId, isSaid);
  const waiting = await under.runIn(sessionId, say('as it was'), end());
  const { prompt } = await under.find(waiting);
  slow.refuseCommits('run.edited');
  const edits = await Promise.allSettled(
    ['one', 'two'].map((text) => under.supervisor.changeRun(owner, waiting, { prompt: script(say(text), end()) })),
  );
  expect(edits.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await under.find(waiting)).toMatchObject({ state: 'queued', prompt });
  writeFileSync(go, '');
  expect(await under.untilEnded(waiting)).toMatchObject({ state: 'succeeded', answer: 'as it was' });
});
