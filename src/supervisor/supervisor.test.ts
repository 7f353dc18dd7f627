import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptedDriver } from '../agents/scripted/driver.ts';
import type { Step } from '../agents/scripted/script.ts';
import { end, exit, hang, numbered, print, say, script, waitForFile } from '../agents/scripted/script.ts';
import type { Driver } from '../agents/driver.ts';
import type { Event } from '../contracts/events.ts';
import { readIdentity } from '../holder/identity.ts';
import { RetryableStoreError } from '../store/retryable-store-error.ts';
import type { Store } from '../store/store.ts';
import type { UnderTestOptions } from './supervisor-under-test.ts';
import { SupervisorUnderTest } from './supervisor-under-test.ts';

const isExit = (event: Event) => event.type === 'process.exited';
const typesOf = (events: readonly Event[], prefix: string) =>
  events.map(({ type }) => type).filter((type) => type.startsWith(prefix));

/** Plays the steps to the end of the process, in a world of its own. */
async function play(options: UnderTestOptions, ...steps: Step[]) {
  await using world = new SupervisorUnderTest();
  await world.start(options);
  const { sessionId, runId } = await world.run(...steps);
  const events = await world.until(sessionId, isExit);
  return { events, run: await world.find(runId) };
}

/** A store whose commits fail, as by a mistake of ours and not of the disk, where the writes hold something. */
function failingCommits(count: number, holds: string): (store: Store) => Store {
  let left = count;
  return (store) => ({
    ...store,
    commit(batch) {
      if (left > 0 && JSON.stringify(batch).includes(holds)) {
        left -= 1;
        return Promise.reject(new Error('Injected'));
      }
      return store.commit(batch);
    },
  });
}

describe('a commit that fails', () => {
  test('loses nothing: the process is taken up again from what is stored', async () => {
    const { events, run } = await play(
      { store: failingCommits(2, 'line 250') },
      numbered(500, { prefix: 'line ' }),
      end({ answer: 'all' }),
    );
    const said = events.flatMap((event) =>
      event.type === 'message.completed'
        ? event.data.content.flatMap((block) => (block.type === 'text' ? block.text : []))
        : [],
    );
    expect(said).toEqual(Array.from({ length: 500 }, (_, index) => `line ${index + 1}`));
    expect(run).toMatchObject({ state: 'succeeded', answer: 'all', attempts: 1 });
    expect(typesOf(events, 'run.')).toEqual(['run.queued', 'run.started', 'run.ended']);
  });

  test('again and again ends the run as our mistake, and stops its tree', async () => {
    const { events, run } = await play(
      { store: failingCommits(1_000, 'message.completed') },
      say('never stored'),
      hang(),
    );
    expect(run).toMatchObject({ state: 'failed', reason: 'internal' });
    expect(typesOf(events, 'process.exited')).toHaveLength(1);
  });
});

describe('a commit that fails at a bad moment', () => {
  test('of a start that failed, still ends the run and frees its session', async () => {
    await using world = new SupervisorUnderTest();
    const binary = join(world.directory, 'holder');
    writeFileSync(binary, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await world.start({ holderBinary: binary, store: failingCommits(1, 'process.exited') });
    const { sessionId, runId } = await world.run(end());
    const next = await world.runIn(sessionId, end());
    await world.until(sessionId, (event) => event.type === 'run.ended' && event.runId === next);
    expect((await world.find(runId)).state).toBe('failed');
  });

  test('of an interrupt, leaves the agent able to hear the next one', async () => {
    await using world = new SupervisorUnderTest();
    await world.start({ store: failingCommits(1, 'run.verb_requested') });
    const { sessionId, runId } = await world.run(say('ready'), waitForFile(join(world.directory, 'never')));
    await world.until(sessionId, (event) => event.type === 'message.completed');
    const owner = await world.store.localOwner();
    const interrupt = () => world.supervisor.command(owner, runId, 'interrupt');
    await expect(interrupt()).rejects.toThrow('Injected');
    await world.until(sessionId, (event) => event.type === 'process.adopted');
    await interrupt();
    await world.until(sessionId, isExit);
    expect((await world.find(runId)).state).toBe('interrupted');
  });
});

describe('a store that does not answer for a while', () => {
  /** Questions that a busy store refuses so many times. */
  const busy = (question: 'session' | 'stdinMessages', times: { left: number }) => (store: Store) => ({
    ...store,
    [question]: (id: never) => {
      if (times.left <= 0) return store[question](id);
      times.left -= 1;
      return Promise.reject(new RetryableStoreError('Busy'));
    },
  });

  test('keeps a session for the process that is there, and stops nobody', async () => {
    await using world = new SupervisorUnderTest();
    await world.start();
    const gate = join(world.directory, 'gate');
    const { sessionId, runId } = await world.run(say('ready'), waitForFile(gate), end({ answer: 'first' }));
    await world.until(sessionId, (event) => event.type === 'message.completed');
    const next = await world.runIn(sessionId, end());
    await world.stop();

    const times = { left: 8 };
    await world.start({ store: busy('stdinMessages', times) });
    await world.until(sessionId, (event) => event.type === 'process.adopted');
    expect(times.left).toBe(0);
    expect((await world.find(next)).state).toBe('queued');
    writeFileSync(gate, '');
    await world.until(sessionId, (event) => event.type === 'run.ended' && event.runId === next);
    expect(await world.find(runId)).toMatchObject({ state: 'succeeded', answer: 'first', attempts: 1 });
  });

  test('keeps runs in their order', async () => {
    await using world = new SupervisorUnderTest();
    const times = { left: 0 };
    await world.start({ store: busy('session', times) });
    const { sessionId } = await world.run(say('before'), end());
    await world.until(sessionId, isExit);
    const owner = await world.store.localOwner();
    const queue = () => world.supervisor.createRun(owner, sessionId, { prompt: script(end()) });
    const first = await queue();
    // The question of the dispatcher comes after those of the creation.
    times.left = 1;
    const second = await queue().catch(() => queue());
    const events = await world.until(sessionId, (event) => event.type === 'run.ended' && event.runId === second.run.id);
    const started = events.filter(({ type }) => type === 'run.started').map((event) => event.runId);
    expect(started.slice(-2)).toEqual([first.run.id, second.run.id]);
  });
});

describe('a driver with a bug', () => {
  const oops = () => {
    throw new Error('A bug');
  };

  test.for<[string, Partial<Driver>, string]>([
    ['cannot say how its agent is started', { command: oops }, 'spawn_failed'],
    ['cannot find its agent', { locate: oops }, 'spawn_failed'],
  ])('that %s ends the run, and the next one has its turn', async ([, driver, reason]) => {
    await using world = new SupervisorUnderTest();
    await world.start({ driver });
    const { sessionId, runId } = await world.run(end());
    await world.until(sessionId, (event) => event.type === 'run.ended' && event.runId === runId);
    expect(await world.find(runId)).toMatchObject({ state: 'failed', reason });
    const next = await world.runIn(sessionId, end());
    await world.until(sessionId, (event) => event.type === 'run.ended' && event.runId === next);
  });

  test('that cannot conclude a turn ends the run as our mistake', async () => {
    const { run } = await play({ driver: { conclude: oops } }, exit(0));
    expect(run).toMatchObject({ state: 'failed', reason: 'internal' });
  });

  test('that fails on a line loses only what that line meant', async () => {
    const translate: Driver['translate'] = (state, line) =>
      line.text.includes('poison') ? oops() : (scriptedDriver as Driver).translate(state, line);
    const { events, run } = await play(
      { driver: { translate } },
      print('poison'),
      say('hello'),
      end({ answer: 'hello' }),
    );
    expect(run).toMatchObject({ state: 'succeeded', answer: 'hello' });
    expect(events.find(({ type }) => type === 'agent.output')?.data).toMatchObject({ text: 'poison' });
  });
});

describe('a process that cannot be started', () => {
  test('because its directory cannot be made ends its run', async () => {
    await using world = new SupervisorUnderTest();
    writeFileSync(join(world.dataDir, 'processes'), 'not a directory');
    await world.start();
    const { sessionId, runId } = await world.run(end());
    await world.until(sessionId, (event) => event.type === 'run.ended');
    expect(await world.find(runId)).toMatchObject({ state: 'failed', reason: 'spawn_failed' });
  });

  test.for([
    ['fails before it has begun', 'echo "failed EAGAIN fork"; exit 1'],
    ['dies without a word', 'exit 1'],
    ['complains', 'echo "cannot make the lock: no space" >&2; exit 2'],
  ])('because its holder %s ends its run once', async ([, body]) => {
    await using world = new SupervisorUnderTest();
    const binary = join(world.directory, 'holder');
    writeFileSync(binary, `#!/bin/sh\n${body ?? ''}\n`);
    chmodSync(binary, 0o755);
    await world.start({ holderBinary: binary });
    const { sessionId, runId } = await world.run(end());
    const events = await world.until(sessionId, isExit);
    expect(await world.find(runId)).toMatchObject({ state: 'failed', reason: 'spawn_failed' });
    const next = await world.runIn(sessionId, end());
    const all = await world.until(sessionId, (event) => isExit(event) && event.seq > events.length);
    expect(typesOf(all, 'process.exited')).toHaveLength(2);
    expect((await world.find(next)).state).toBe('failed');
  });

  test('because there is no holder is not blamed on the agent', async () => {
    const { run } = await play({ holderBinary: '/nonexistent/holder' }, end());
    expect(run).toMatchObject({ state: 'failed', reason: 'spawn_failed' });
  });
});

describe('a server that comes back', () => {
  test('to a process whose profile is gone goes on with it', async () => {
    await using world = new SupervisorUnderTest();
    await world.start();
    const gate = join(world.directory, 'gate');
    const { sessionId, runId } = await world.run(
      say('before'),
      waitForFile(gate),
      say('after'),
      end({ answer: 'after' }),
    );
    await world.until(sessionId, (event) => event.type === 'message.completed');
    await world.stop();
    await world.start({ profiles: {} });
    writeFileSync(gate, '');
    await world.until(sessionId, isExit);
    expect(await world.find(runId)).toMatchObject({ state: 'succeeded', answer: 'after' });
  });

  test('to a process whose holder died and whose directory is gone ends its run', async () => {
    await using world = new SupervisorUnderTest();
    await world.start();
    const { sessionId, runId } = await world.run(say('ready'), hang());
    const events = await world.until(sessionId, (event) => event.type === 'message.completed');
    const id = events.flatMap((event) => (event.type === 'process.started' ? event.data.processId : []))[0] ?? '';
    const identity = readIdentity(world.processDirectory(id));
    await world.stop();
    process.kill(identity?.holder.pid ?? 0, 'SIGKILL');
    await world.start({ holderBinary: '/nonexistent/holder' });
    await world.until(sessionId, isExit);
    expect(await world.find(runId)).toMatchObject({ state: 'failed', reason: 'holder_lost' });
  });

  test('leaves no attempt that was under way behind when it stops', async () => {
    await using world = new SupervisorUnderTest();
    const asked = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    await world.start({
      store: (store) => ({
        ...store,
        async session(id) {
          asked.resolve(undefined);
          const found = await store.session(id);
          if (isHeld) await goOn.promise;
          return found;
        },
      }),
    });
    let isHeld = false;
    const { sessionId } = await world.run(say('first'), end());
    await world.until(sessionId, isExit);
    isHeld = true;
    const marker = join(world.directory, 'started');
    const started = world.runIn(sessionId, { writeFile: { path: marker } }, end()).catch(() => undefined);
    await asked.promise;
    const stopped = world.supervisor.stop();
    isHeld = false;
    goOn.resolve(undefined);
    await Promise.all([stopped, started]);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('a flood of empty lines', () => {
  test('is few events, and every byte of it is accounted for', async () => {
    const { events } = await play({}, print('\n'.repeat(200_000), { newline: false }), end());
    const outputs = events.filter((event) => event.type === 'agent.output');
    expect(outputs.length).toBeLessThan(500);
    expect(outputs.reduce((sum, { raw }) => sum + (raw?.length ?? 0), 0)).toBe(200_000);
  });
});

describe('an agent that asks twice under one id', () => {
  test('is answered once, and loses nothing', async () => {
    const ask = '{"type":"permission","id":"same","title":"May I?"}';
    const { events, run } = await play({}, print(ask), print(ask), say('done'), end({ answer: 'done' }));
    expect(run).toMatchObject({ state: 'succeeded', answer: 'done' });
    expect(typesOf(events, 'permission.resolved')).toHaveLength(1);
  });
});
