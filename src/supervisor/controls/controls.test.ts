import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../contracts/events.ts';
import type { Owner } from '../../store/rows.ts';
import {
  awaitSteer,
  end,
  hang,
  ignoreSignals,
  numbered,
  say,
  script,
  waitForFile,
} from '../../agents/scripted/script.ts';
import { until } from '../../../test/e2e/until.ts';
import { SupervisorUnderTest } from '../supervisor-under-test.ts';

let under: SupervisorUnderTest;
let owner: Owner;

beforeEach(async () => {
  under = new SupervisorUnderTest();
  await under.start({ config: { warm: { maxProcesses: 4 }, interruptGraceMs: 2_000 } });
  owner = await under.store.localOwner();
});

afterEach(() => under[Symbol.asyncDispose]());

const isSaid = (event: Event) => event.type === 'message.completed';
const isOver = (event: Event) => event.type === 'run.ended';
const ended = (runId: string) => (event: Event) => isOver(event) && event.runId === runId;
const types = (events: readonly Event[]) => events.map(({ type }) => type);

describe('pause', () => {
  test('stops the whole tree, is told with its evidence, and resume goes on where it was', async () => {
    const { sessionId, runId } = await under.run(say('begun'), numbered(400, { everyMs: 10 }), end({ answer: 'done' }));
    await under.until(sessionId, (event) => isSaid(event));
    const paused = await under.supervisor.command(owner, runId, 'pause');
    expect(paused).toMatchObject({ state: 'paused', requestedVerb: null });
    expect(paused.evidence).toContain('nothing of its tree runs');
    const before = await under.log.lastSeq(sessionId);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await under.log.lastSeq(sessionId)).toBe(before);
    expect((await under.supervisor.command(owner, runId, 'pause')).state).toBe('paused');
    await expect(under.supervisor.command(owner, runId, 'interrupt')).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('possible now: stop, resume') as string,
    });
    expect(await under.supervisor.command(owner, runId, 'resume')).toMatchObject({ state: 'running' });
    const events = await under.until(sessionId, isOver);
    expect(types(events).filter((type) => /^run\.(paused|resumed|ended)/.test(type))).toEqual([
      'run.paused',
      'run.resumed',
      'run.ended',
    ]);
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', answer: 'done' });
  });

  test('of ten callers at once has one effect, and all are told the same', async () => {
    const { sessionId, runId } = await under.run(say('begun'), hang());
    await under.until(sessionId, isSaid);
    const ten = await Promise.all(Array.from({ length: 10 }, () => under.supervisor.command(owner, runId, 'pause')));
    expect(new Set(ten.map(({ state }) => state))).toEqual(new Set(['paused']));
    const again = await Promise.all(Array.from({ length: 10 }, () => under.supervisor.command(owner, runId, 'resume')));
    expect(new Set(again.map(({ state }) => state))).toEqual(new Set(['running']));
    await Promise.all(Array.from({ length: 10 }, () => under.supervisor.command(owner, runId, 'stop')));
    const events = await under.until(sessionId, isOver);
    expect(
      types(events)
        .filter((type) => type.startsWith('run.'))
        .sort(),
    ).toEqual(
      [
        'run.queued',
        'run.started',
        'run.paused',
        'run.resumed',
        'run.ended',
        ...Array<string>(3).fill('run.verb_requested'),
      ].sort(),
    );
    expect((await under.supervisor.command(owner, runId, 'stop')).state).toBe('stopped');
  });

  test('outlives the server; a stop of what is paused works', async () => {
    const { sessionId, runId } = await under.run(
      ignoreSignals('SIGTERM'),
      say('begun'),
      numbered(9_999, { everyMs: 5 }),
    );
    await under.until(sessionId, isSaid);
    await under.supervisor.command(owner, runId, 'pause');
    const before = await under.log.lastSeq(sessionId);
    await under.stop();
    await under.start({ config: { warm: { maxProcesses: 4 } } });
    await under.until(sessionId, ({ type }) => type === 'process.adopted');
    expect(await under.find(runId)).toMatchObject({ state: 'paused' });
    expect((await under.find(runId)).evidence).toContain('nothing of its tree runs');
    expect(await under.log.lastSeq(sessionId)).toBe(before + 1);
    await under.supervisor.command(owner, runId, 'stop');
    await under.until(sessionId, isOver);
    expect(await under.find(runId)).toMatchObject({ state: 'stopped' });
  });
});

describe('interrupt', () => {
  test('of an agent that does not listen becomes a SIGINT', async () => {
    await under.stop();
    await under.start({ driver: { interrupt: undefined }, config: { warm: { maxProcesses: 4 } } });
    const { sessionId, runId } = await under.run(say('begun'), waitForFile('/nowhere/at/all'));
    await under.until(sessionId, isSaid);
    await under.supervisor.command(owner, runId, 'interrupt');
    await under.until(sessionId, isOver);
    expect(await under.find(runId)).toMatchObject({ state: 'interrupted' });
  });
});

describe('a process between runs', () => {
  test('is used for the next run of its session, and leaves when its time is up', async () => {
    const { sessionId, runId } = await under.run(say('one'), end({ answer: 'one' }));
    await under.until(sessionId, isOver);
    await until(
      async () => (await under.supervisor.session(owner, sessionId)).process?.state === 'warm',
      'the process to be warm',
    );
    const second = await under.runIn(sessionId, say('two'), end({ answer: 'two' }));
    const events = await under.until(sessionId, ended(second));
    expect(types(events).filter((type) => type === 'process.started')).toHaveLength(1);
    expect(types(events)).not.toContain('process.exited');
    expect(await under.find(second)).toMatchObject({ state: 'succeeded', answer: 'two', attempts: 1 });
    expect(await under.find(runId)).toMatchObject({ answer: 'one' });
    // Five minutes, by a clock that is twenty times as fast, are fifteen seconds: another server has a shorter limit.
    await under.stop();
    await under.start({ config: { warm: { maxProcesses: 4, idleMs: 1 } } });
    const all = await under.until(sessionId, ({ type }) => type === 'process.exited');
    expect(all.at(-1)?.data).toMatchObject({ code: 0, signal: null });
    await until(async () => (await under.supervisor.session(owner, sessionId)).process === null, 'it to be gone');
  });

  test('is there before the first prompt where somebody asks for it', async () => {
    const { id } = await under.supervisor.createSession(owner, {
      profile: 'scripted',
      workspace: { path: under.workspace() },
      warm: true,
    });
    await until(async () => (await under.supervisor.session(owner, id)).process?.state === 'warm', 'it to be warm');
    const run = await under.runIn(id, say('one'), end({ answer: 'one' }));
    const events = await under.until(id, isOver);
    expect(types(events).filter((type) => type === 'process.started')).toHaveLength(1);
    expect(await under.find(run)).toMatchObject({ state: 'succeeded', answer: 'one' });
  });
});

describe('a prompt while a run is going', () => {
  test('is said into the running turn', async () => {
    const { sessionId, runId } = await under.run(say('begun'), awaitSteer({ say: true }), end());
    await under.until(sessionId, isSaid);
    const { run, isSteered } = await under.supervisor.createRun(owner, sessionId, {
      prompt: 'to the left',
      mode: 'steer',
    });
    expect([run.id, isSteered]).toEqual([runId, true]);
    const events = await under.until(sessionId, isOver);
    expect(JSON.stringify(events.filter(isSaid))).toContain('to the left');
    expect(types(events)).toContain('run.steered');
    await expect(under.supervisor.createRun(owner, sessionId, { prompt: 'late', mode: 'steer' })).rejects.toMatchObject(
      {
        code: 'wrong_state',
      },
    );
  });

  test('interrupts and replaces it, in front of those that wait', async () => {
    const { sessionId, runId } = await under.run(say('begun'), waitForFile('/nowhere/at/all'));
    await under.until(sessionId, isSaid);
    const waiting = await under.runIn(sessionId, say('later'), end());
    const { run } = await under.supervisor.createRun(owner, sessionId, {
      prompt: script(say('instead'), end()),
      mode: 'replace',
    });
    const events = await under.until(sessionId, ended(waiting));
    expect(events.filter(isOver).map((event) => event.runId)).toEqual([runId, run.id, waiting]);
    expect((await under.find(runId)).state).toBe('interrupted');
  });

  test('can be edited and moved while it waits, also after a restart', async () => {
    const { sessionId, runId } = await under.run(say('begun'), hang());
    await under.until(sessionId, isSaid);
    const [a, b, c] = [
      await under.runIn(sessionId, say('a'), end()),
      await under.runIn(sessionId, say('b'), end()),
      await under.runIn(sessionId, say('c'), end()),
    ];
    await under.supervisor.changeRun(owner, c, { before: a });
    await under.supervisor.changeRun(owner, b, { prompt: script(say('edited'), end()) });
    await expect(under.supervisor.changeRun(owner, runId, { prompt: 'x' })).rejects.toMatchObject({
      code: 'wrong_state',
    });
    await expect(under.supervisor.changeRun(owner, b, { before: runId })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await under.stop();
    await under.start({ config: { warm: { maxProcesses: 4 } } });
    await under.until(sessionId, ({ type }) => type === 'process.adopted');
    await under.supervisor.command(owner, runId, 'stop');
    const events = await under.until(sessionId, ended(b));
    expect(events.filter(isOver).map((event) => event.runId)).toEqual([runId, c, a, b]);
    expect(JSON.stringify(events.filter(isSaid).at(-1)?.data)).toContain('edited');
  });

  test('waits as long as the session is paused', async () => {
    const { sessionId, runId } = await under.run(say('begun'), awaitSteer(), end());
    await under.until(sessionId, isSaid);
    const next = await under.runIn(sessionId, say('next'), end());
    await under.supervisor.pauseWhenFinished(owner, runId);
    await under.supervisor.createRun(owner, sessionId, { prompt: 'go on', mode: 'steer' });
    await under.until(sessionId, isOver);
    expect(await under.supervisor.session(owner, sessionId)).toMatchObject({ isPaused: true });
    expect(await under.find(next)).toMatchObject({ state: 'queued', evidence: 'its session is paused' });
    await under.supervisor.resumeSession(owner, sessionId);
    await under.until(sessionId, ended(next));
  });
});

describe('a directory', () => {
  test('belongs to one process at a time, and who waits for it says for whom', async () => {
    const path = under.workspace();
    const first = await under.supervisor.createSession(owner, { profile: 'scripted', workspace: { path } });
    const second = await under.supervisor.createSession(owner, { profile: 'scripted', workspace: { path } });
    const running = await under.runIn(first.id, say('begun'), hang());
    await under.until(first.id, isSaid);
    const waiting = await under.runIn(second.id, say('mine'), end());
    expect((await under.find(waiting)).evidence).toBe(`waits for ${path}, where session ${first.id} works`);
    await expect(
      under.supervisor.createRun(owner, second.id, { prompt: 'now', ifBusy: 'refuse' }),
    ).rejects.toMatchObject({ code: 'workspace_busy', message: expect.stringContaining(running) as string });
    await under.supervisor.command(owner, running, 'stop');
    await under.until(second.id, isOver);
    // A process that only waits for work makes room.
    const third = await under.supervisor.createSession(owner, { profile: 'scripted', workspace: { path } });
    await under.runIn(third.id, say('mine'), end());
    await under.until(third.id, isOver);
  });
});
