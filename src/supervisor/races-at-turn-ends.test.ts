import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, hang, numbered, permission, say, sleep as nap, waitForFile } from '../agents/scripted/script.ts';
import type { Event } from '../contracts/events.ts';
import { freeze } from '../holder/control.ts';
import { processFiles } from '../holder/process-directory.ts';
import { isFrozen } from '../holder/tree-freeze.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Owner } from '../store/rows.ts';
import { until } from '../../test/e2e/until.ts';
import { SlowStore } from './fixtures/slow-store.ts';
import { SupervisorUnderTest } from './supervisor-under-test.ts';

let under: SupervisorUnderTest;
let slow: SlowStore;
let owner: Owner;
/** What agents wait for. */
let go: string;

const config = { warm: { maxProcesses: 4 }, interruptGraceMs: 2_000 };

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
const isOver = ({ type }: Event) => type === 'run.ended';
const types = (events: readonly Event[]) => events.map(({ type }) => type);
const processOf = async (sessionId: Parameters<SupervisorUnderTest['until']>[0]) => {
  const { process } = await under.supervisor.session(owner, sessionId);
  if (process === null) throw new Error('There is no process');
  return process.id;
};

describe('a pause', () => {
  test('that reaches the disk when the turn has ended leaves a process that takes the next prompt', async () => {
    await under.stop();
    // A sweep, which comes twenty times as early by the hasty clock, carries out what is still on its way to the disk.
    await under.start({ store: slow.around, config, clock: systemClock });
    const { sessionId, runId } = await under.run(say('begun'), waitForFile(go), end());
    await under.until(sessionId, isSaid);
    const disk = slow.holdFlushes();
    const pausing = under.supervisor.command(owner, runId, 'pause');
    await disk.reached;
    writeFileSync(go, '');
    await under.until(sessionId, isOver);
    disk.release();
    expect(await pausing).toMatchObject({ state: 'succeeded' });
    const second = await under.runIn(sessionId, say('two'), end({ answer: 'two' }));
    expect(await under.untilEnded(second)).toMatchObject({ state: 'succeeded', answer: 'two' });
    const events = await under.until(sessionId, ({ runId: of, type }) => of === second && type === 'run.ended');
    expect(types(events)).not.toContain('run.paused');
    expect(types(events).filter((type) => type === 'process.started')).toHaveLength(1);
  });

  test('at any moment around the end of a turn harms neither it nor the next', async () => {
    const { sessionId, runId } = await under.run(say('begun'), end());
    await under.untilEnded(runId);
    for (let tries = 0; tries < 30; tries += 1) {
      const run = await under.runIn(sessionId, say('begun'), nap(20), end());
      await under.until(sessionId, (event) => isSaid(event) && event.runId === run);
      await sleep(12 + (tries % 10));
      const asked = await under.supervisor.command(owner, run, 'pause').catch(() => null);
      if (asked?.state === 'paused') await under.supervisor.command(owner, run, 'resume').catch(() => null);
      expect(await under.untilEnded(run)).toMatchObject({ state: 'succeeded' });
    }
  });

  test('whose agent had said its last words before it stood still is over, for the deadlines of the next run, too', async () => {
    await under.stop();
    // By the hasty clock 100 ms.
    await under.start({ config: { ...config, permissions: 'ask', permissionDeadlineMs: 2_000 } });
    const { sessionId, runId } = await under.run(say('begun'), waitForFile(go), end(), say('behind the end'));
    await under.until(sessionId, isSaid);
    await under.supervisor.command(owner, runId, 'pause');
    const { out } = processFiles(under.processDirectory(await processOf(sessionId)));
    const lastWords = { type: 'turn_ended', outcome: 'succeeded', reason: null, message: null, answer: 'done' };
    appendFileSync(out, `${JSON.stringify(lastWords)}\n`);
    expect(await under.untilEnded(runId)).toMatchObject({ state: 'succeeded', answer: 'done' });
    // It moves again.
    writeFileSync(go, '');
    await under.until(sessionId, (event) => isSaid(event) && JSON.stringify(event.data).includes('behind the end'));
    const next = await under.runIn(sessionId, permission('May I?'), end());
    expect(await under.untilEnded(next)).toMatchObject({ state: 'succeeded' });
    const events = await under.until(sessionId, ({ runId: of, type }) => of === next && type === 'run.ended');
    const resolved = events.filter(({ type }) => type === 'permission.resolved').map(({ data }) => data);
    expect(resolved).toMatchObject([{ decision: 'deny', by: 'deadline' }]);
  });

  test('of a tree that somebody else continues does not win over its resume', async () => {
    for (let tries = 0; tries < 6; tries += 1) {
      const { sessionId, runId } = await under.run(say('begun'), numbered(60, { everyMs: 10 }), end());
      await under.until(sessionId, isSaid);
      await under.supervisor.command(owner, runId, 'pause');
      const { pid } = under.identity(await processOf(sessionId)).agent;
      const resumed = new AbortController();
      const continuing = (async () => {
        while (!resumed.signal.aborted) {
          process.kill(pid, 'SIGCONT');
          await nextTurn();
        }
      })();
      try {
        // Long enough for the supervisor to see it, and to have begun to freeze it again.
        await sleep(120 + tries * 7);
        expect(await under.supervisor.command(owner, runId, 'resume')).toMatchObject({ state: 'running' });
      } finally {
        resumed.abort();
        await continuing;
      }
      expect(await under.untilEnded(runId)).toMatchObject({ state: 'succeeded' });
    }
  });
});

test('a process without a turn that is found frozen is thawed by the next server', async () => {
  const { sessionId } = await under.run(say('begun'), end());
  const id = await under.untilWarm(sessionId);
  await under.stop();
  freeze(under.processDirectory(id));
  await until(() => isFrozen(under.identity(id)), 'its tree to be frozen');
  await under.start({ store: slow.around, config });
  const next = await under.runIn(sessionId, say('two'), end({ answer: 'two' }));
  expect(await under.untilEnded(next)).toMatchObject({ state: 'succeeded', answer: 'two' });
});

describe('a prompt for an idle agent that dies', () => {
  test('and whose end is on its way to the disk goes to the next process', async () => {
    const { sessionId } = await under.run(say('begun'), end());
    const id = await under.untilWarm(sessionId);
    const disk = slow.holdFlushes();
    process.kill(under.identity(id).agent.pid, 'SIGKILL');
    await until(async () => (await under.store.process(id))?.state === 'exited', 'its end to be stored');
    const taking = under.runIn(sessionId, say('two'), end({ answer: 'two' }));
    await until(async () => (await under.store.openRuns()).length === 1, 'the prompt to be stored');
    disk.release();
    expect(await under.untilEnded(await taking)).toMatchObject({ state: 'succeeded', answer: 'two' });
  });

  test('at any moment comes to an end', async () => {
    for (let tries = 0; tries < 15; tries += 1) {
      const { sessionId } = await under.run(say('begun'), end());
      const id = await under.untilWarm(sessionId);
      process.kill(under.identity(id).agent.pid, 'SIGKILL');
      await sleep(tries * 2);
      const run = await under.untilEnded(await under.runIn(sessionId, say('two'), end()));
      // Given to it before anybody could know.
      if (run.state !== 'succeeded') expect(run).toMatchObject({ state: 'failed', reason: 'agent_crashed' });
    }
  });
});

test('a stop that comes while the end of the turn is committed is told how it ended', async () => {
  const commit = slow.holdCommits('run.ended');
  const { runId } = await under.run(say('begun'), end());
  await commit.reached;
  const stopping = expect(under.supervisor.command(owner, runId, 'stop')).rejects.toMatchObject({
    code: 'wrong_state',
    message: expect.stringContaining('succeeded') as string,
  });
  // By then the stop has found the run as it was.
  expect((await under.find(runId)).state).toBe('running');
  commit.release();
  await stopping;
});

describe('a limit', () => {
  test('that could not be recorded ends the run at the next try', async () => {
    await under.stop();
    slow.refuseCommits('run.limit_reached', 2);
    await under.start({ store: slow.around, config: { ...config, limits: { silenceMs: 1_000, progressMs: null } } });
    const { runId } = await under.run(say('begun'), hang());
    expect(await under.untilEnded(runId)).toMatchObject({ state: 'failed', reason: 'inactivity_timeout' });
  });

  test('for the whole time holds for an agent that prints faster than it is read', async () => {
    await under.stop();
    const flood = 'while :; do head -c 500000 /dev/zero | tr "\\0" "x"; echo; sleep 0.01; done';
    await under.start({
      store: slow.around,
      profiles: { flood: { driver: 'command', options: { command: ['/bin/sh', '-c', flood] } } } as never,
      config: { limits: { totalMs: 1_000, silenceMs: null, progressMs: null } },
    });
    slow.slowDownCommits(20);
    const { id } = await under.supervisor.createSession(owner, {
      profile: 'flood',
      workspace: { path: under.workspace() },
    });
    const { run } = await under.supervisor.createRun(owner, id, { prompt: '' });
    const [reached] = (await under.until(id, ({ type }) => type === 'run.limit_reached')).slice(-1);
    expect(reached).toMatchObject({ data: { limit: 'total' } });
    slow.heal();
    expect(await under.untilEnded(run.id)).toMatchObject({ state: 'failed', reason: 'run_timeout' });
  });
});
