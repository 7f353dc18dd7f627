import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scriptedDriver } from '../agents/scripted/driver.ts';
import type { Driver } from '../agents/driver.ts';
import { end, hang, ignoreSignals, say, waitForFile } from '../agents/scripted/script.ts';
import type { Event } from '../contracts/events.ts';
import type { RunId, SessionId } from '../contracts/ids.ts';
import { expire } from '../holder/control.ts';
import type { Owner } from '../store/rows.ts';
import { until } from '../../test/e2e/until.ts';
import { SupervisorUnderTest } from './supervisor-under-test.ts';

let under: SupervisorUnderTest;
let owner: Owner;
/** What agents wait for. */
let go: string;

const config = { warm: { maxProcesses: 4 } };

beforeEach(async () => {
  under = new SupervisorUnderTest();
  await under.start({ config });
  owner = await under.store.localOwner();
  go = join(under.directory, 'go');
});

afterEach(() => under[Symbol.asyncDispose]());

const isSaid = ({ type }: Event) => type === 'message.completed';
const ended = (runId: RunId) => (event: Event) => event.type === 'run.ended' && event.runId === runId;

async function sessionIn(path: string, isShared = false): Promise<SessionId> {
  const workspace = { path, isShared };
  return (await under.supervisor.createSession(owner, { profile: 'scripted', workspace })).id;
}

describe('in one directory', () => {
  test('a process whose own next run is starting does not make room for another session', async () => {
    const path = under.workspace();
    const [mine, other] = [await sessionIn(path), await sessionIn(path)];
    await under.runIn(mine, say('first'), waitForFile(go), end());
    await under.until(mine, isSaid);
    await under.runIn(mine, say('second'), end());
    const last = await under.runIn(mine, say('third'), end());
    const others = await under.runIn(other, say('other'), end());
    writeFileSync(go, '');
    expect(await under.untilEnded(others)).toMatchObject({ state: 'succeeded' });
    const events = await under.until(mine, ({ type }) => type === 'process.exited');
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'process.started')).toHaveLength(1);
    expect(types.indexOf('process.exited')).toBeGreaterThan(events.findIndex(ended(last)));
  });

  test('those who share it do not keep one out that came before and needs it for itself', async () => {
    const path = under.workspace();
    const [first, second] = [await sessionIn(path, true), await sessionIn(path, true)];
    const alone = await sessionIn(path);
    await under.runIn(first, say('begun'), waitForFile(go), end());
    await under.until(first, isSaid);
    const waiting = await under.runIn(alone, say('alone'), end());
    const later = [await under.runIn(second, say('later'), end()), await under.runIn(first, say('later'), end())];
    for (const id of later) expect(await under.find(id)).toMatchObject({ state: 'queued' });
    writeFileSync(go, '');
    const { endedAt } = await under.untilEnded(waiting);
    for (const id of later) {
      const { startedAt, state } = await under.untilEnded(id);
      expect(state).toBe('succeeded');
      expect(Date.parse(startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(endedAt ?? ''));
    }
  });
});

describe('an idle process', () => {
  test('whose program has gone fails its run and leaves in its time, or takes the next when it is back', async () => {
    let isGone = false;
    const driver = scriptedDriver as Driver;
    const locate: Driver['locate'] = (options, host) =>
      isGone ? { path: null, problem: 'It is gone' } : driver.locate(options, host);
    await under.stop();
    // By the hasty clock two seconds.
    await under.start({ config: { warm: { maxProcesses: 4, idleMs: 40_000 } }, driver: { locate } });
    const { sessionId } = await under.run(say('begun'), end());
    const id = await under.untilWarm(sessionId);
    isGone = true;
    const refused = await under.runIn(sessionId, say('refused'), end());
    expect(await under.untilEnded(refused)).toMatchObject({ state: 'failed', reason: 'agent_not_found' });
    isGone = false;
    const taken = await under.runIn(sessionId, say('taken'), end());
    expect(await under.untilEnded(taken)).toMatchObject({ state: 'succeeded' });
    expect(await under.untilWarm(sessionId)).toBe(id);
    isGone = true;
    await under.untilEnded(await under.runIn(sessionId, say('refused'), end()));
    isGone = false;
    const look = async () => (await under.supervisor.session(owner, sessionId)).process;
    expect(await look()).toMatchObject({ id, state: 'warm' });
    await until(async () => (await look()) === null, 'the process to leave in its time', 10_000);
  });

  test('that its holder was ending already is not taken for a run that somebody stopped', async () => {
    await under.stop();
    await under.start({ config: { ...config, stopGraceMs: 2_000 } });
    const { sessionId } = await under.run(ignoreSignals('SIGTERM'), say('begun'), end());
    const id = await under.untilWarm(sessionId);
    await under.stop();
    // As if no server had been there for all of its time, and a minute.
    expire(under.processDirectory(id), 1);
    await under.start({ config });
    const run = await under.untilEnded(await under.runIn(sessionId, say('two'), hang()));
    expect(run).toMatchObject({ state: 'failed', reason: 'agent_crashed' });
    expect(run.message).toContain('idle for too long');
  });
});
