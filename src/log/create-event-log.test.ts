import { describe, expect, it } from 'vitest';
import { Event } from '../contracts/events.ts';
import { AppError } from '../kernel/app-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { systemClock } from '../kernel/clock.ts';
import { exampleId } from '../store/exercise/example-rows.ts';
import { RetryableStoreError } from '../store/retryable-store-error.ts';
import type { Commit, Store } from '../store/store.ts';
import { chunk, completed, openLog, output } from './fixtures/open-log.ts';
import type { LoggedEvent } from './event-log.ts';
import { nextTurn } from './next-turn.ts';

describe('append', () => {
  it('gives the events of many sessions their places, without gaps and in the order of the calls', async () => {
    const { log, newSession, append } = await openLog();
    const sessions = await Promise.all(Array.from({ length: 20 }, newSession));
    const appends: Promise<void>[] = [];
    for (let round = 0; round < 30; round += 1) {
      for (const session of sessions) appends.push(append(session, output(`${round}a`), output(`${round}b`)));
    }
    await Promise.all(appends);

    for (const session of sessions) {
      const events = (await log.read(session, 0, 1_000)).map(parse);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      expect(events.map(({ data }) => 'text' in data && data.text)).toEqual(
        Array.from({ length: 60 }, (_, index) => `${index >> 1}${index % 2 === 0 ? 'a' : 'b'}`),
      );
    }
  });

  it('commits at once what comes after a rest, together what comes meanwhile, and resolves in order', async () => {
    const { commits, change } = recordingCommits();
    const { newSession, append } = await openLog({ change });
    const [a, b] = [await newSession(), await newSession()];
    const order: number[] = [];
    await Promise.all([a, b, a].map((session, index) => append(session, output('')).then(() => order.push(index))));
    expect(commits.map((batch) => batch.length)).toEqual([1, 2]);
    expect(order).toEqual([0, 1, 2]);
  });

  it('lets only those wait for the disk who asked for it', async () => {
    const onDisk = Promise.withResolvers<undefined>();
    const change = (store: Store): Store => ({ ...store, flush: () => onDisk.promise.then(() => undefined) });
    const { log, newSession, append } = await openLog({ change });
    const [a, b] = [await newSession(), await newSession()];
    let isDurable = false;
    const durable = log.append({ sessionId: a, events: [output('')], writes: [], isDurable: true });
    void durable.then(() => (isDurable = true));
    await append(b, output(''));
    await append(a, output(''));
    expect(isDurable).toBe(false);
    onDisk.resolve(undefined);
    await durable;
    expect(await log.lastSeq(a)).toBe(2);
  });

  it('tells those who asked for it that the disk refuses, and keeps what is committed', async () => {
    const change = (store: Store): Store => ({ ...store, flush: () => Promise.reject(new Error('EIO')) });
    const { log, newSession, append } = await openLog({ change });
    const session = await newSession();
    const durable = log.append({ sessionId: session, events: [output('')], writes: [], isDurable: true });
    await expect(durable).rejects.toThrow('EIO');
    await append(session, output(''));
    expect(await log.lastSeq(session)).toBe(2);
  });

  it('holds back nothing that somebody waits for, however fast commits follow one another', async () => {
    const { log, newSession, append } = await openLog({
      clock: { ...systemClock, setTimer: () => ({ cancel: () => undefined }) },
    });
    const session = await newSession();
    // More than may follow one another at once: from then on a commit waits for a time that never comes.
    const waiting: Promise<void>[] = [];
    for (let count = 0; count < 20; count += 1) {
      waiting.push(append(session, output('')));
      await nextTurn();
    }
    await log.append({ sessionId: session, events: [output('')], writes: [], isUrgent: true });
    await Promise.all(waiting);
    expect(await log.lastSeq(session)).toBe(21);
  });

  it('splits what is too much for one commit', async () => {
    const { commits, change } = recordingCommits();
    const { newSession, append } = await openLog({ change, limits: { maxBatchEvents: 5, maxBatchChars: 10_000 } });
    const session = await newSession();
    const appends = Array.from({ length: 12 }, () => append(session, output('')));
    appends.push(append(session, output('x'.repeat(20_000))), append(session, output('')));
    await Promise.all(appends);
    expect(commits.map((batch) => batch.length)).toEqual([1, 5, 5, 1, 1, 1]);
  });

  it('writes events that keep the contract, each serialised with all that was said of it', async () => {
    const { log, newSession } = await openLog();
    const sessionId = await newSession();
    const [runId, attemptId, process] = [exampleId('run'), exampleId('att'), exampleId('prc')];
    const raw = { process, stream: 'stdout', offset: 7, length: 9 } as const;
    const text = 'lone \ud800 surrogate, \u0000 and "quotes"';
    await log.append({ sessionId, events: [{ ...output(text), runId, attemptId, raw }, output('')], writes: [] });
    const [full, bare] = await log.read(sessionId, 0, 10);
    expect(full && Event.parse(parse(full))).toEqual({
      ...{ seq: 1, prev: 0, at: expect.any(String) as string, sessionId, runId, attemptId, raw },
      ...{ type: 'agent.output', data: { stream: 'stdout', text } },
    });
    expect(Object.keys(bare ? parse(bare) : {})).toEqual(['seq', 'prev', 'at', 'sessionId', 'type', 'data']);
  });

  it('goes on where the log of an earlier life ended, in the middle of a message too', async () => {
    const { store, log: earlier, newSession, append } = await openLog();
    const session = await newSession();
    await append(session, output('1'), chunk('m', '2'), chunk('m', '3'));
    await earlier.close();

    const { log } = await openLog({ change: () => store });
    await log.append({ sessionId: session, events: [completed('m', '23')], writes: [] });
    expect((await log.read(session, 0, 10)).map(placeOf)).toEqual(['1←0', '4←1']);
  });

  it('of what the store cannot take rejects with what its session appended after it, and with nothing else', async () => {
    const { log, newSession, append } = await openLog();
    const [session, other] = [await newSession(), await newSession()];
    const missing = { table: 'runs', id: exampleId('run'), patch: { attempts: 1 } } as const;
    const results = await Promise.allSettled([
      append(session, output('before')),
      log.append({ sessionId: session, events: [output('bad'), chunk('m')], writes: [missing] }),
      append(session, output('after')),
      append(other, output('elsewhere')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    await append(session, completed('m'), output('later'));
    expect((await log.read(session, 0, 10)).map(placeOf)).toEqual(['1←0', '2←1', '3←2']);
    expect(await log.lastSeq(other)).toBe(1);
  });
});

describe('a store that cannot be used just now', () => {
  it('is asked again, more and more slowly, with the same batch, while what comes later waits its turn', async () => {
    const clock = steppedClock();
    const { commits, change } = recordingCommits({ refuse: 7 });
    const { log, newSession } = await openLog({ change, clock });
    const session = await newSession();
    const first = log.append({ sessionId: session, events: [output('first')], writes: [] });
    await clock.slept();
    const second = log.append({ sessionId: session, events: [output('second')], writes: [] });
    await clock.wakeUntil(first);
    await second;

    expect(clock.delays).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
    expect(new Set(commits.slice(0, 8)).size).toBe(1);
    expect((await log.read(session, 0, 10)).map(placeOf)).toEqual(['1←0', '2←1']);
  });

  it('is asked a last time when the log closes; what it refuses even then rejects', async () => {
    const clock = steppedClock();
    const { change } = recordingCommits({ refuse: Infinity });
    const { log, newSession, append } = await openLog({ change, clock });
    const session = await newSession();
    const pending = Promise.allSettled([append(session, output('1')), append(session, output('2'))]);
    await clock.slept();
    const closing = log.close();
    clock.wake();
    await closing;
    for (const result of await pending) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'shutting_down' } });
    }
  });
});

describe('a log whose server has been succeeded by another', () => {
  it('rejects everything from then on', async () => {
    const stale = new AppError('stale_epoch', 'Another server has taken over');
    let isStale = true;
    const change = (store: Store): Store => ({
      ...store,
      commit: (batch) => (isStale ? Promise.reject(stale) : store.commit(batch)),
    });
    const { newSession, append } = await openLog({ change });
    const session = await newSession();
    await expect(append(session, output(''))).rejects.toBe(stale);
    isStale = false;
    await expect(append(session, output(''))).rejects.toBe(stale);
  });
});

describe('close', () => {
  it('commits what is pending and takes no more', async () => {
    const { log, newSession, append } = await openLog();
    const session = await newSession();
    const pending = append(session, output('1'));
    await log.close();
    await pending;
    await expect(append(session, output('2'))).rejects.toMatchObject({ code: 'shutting_down' });
    expect(await log.lastSeq(session)).toBe(1);
  });
});

/** Keeps what the log commits; the first `refuse` commits fail as if the disk were full. */
function recordingCommits({ refuse = 0 } = {}) {
  const commits: (readonly Commit[])[] = [];
  const change = (store: Store): Store => ({
    ...store,
    commit: async (batch) => {
      commits.push(batch);
      if (commits.length <= refuse) throw new RetryableStoreError('The disk is full');
      await store.commit(batch);
    },
  });
  return { commits, change };
}

/** A clock on which sleepers wake when the test says so. */
function steppedClock() {
  const delays: number[] = [];
  let wake = () => {};
  let noteSleep = () => {};
  const clock: Clock = {
    ...systemClock,
    sleep: (delayMs) => {
      delays.push(delayMs);
      noteSleep();
      return new Promise((resolve) => (wake = resolve));
    },
  };
  return {
    ...clock,
    delays,
    wake: () => wake(),
    slept: () => new Promise<void>((resolve) => (noteSleep = resolve)),
    async wakeUntil(end: Promise<void>) {
      let hasEnded = false;
      noteSleep = () => setImmediate(() => wake());
      void end.then(() => (hasEnded = true));
      wake();
      await end;
      expect(hasEnded).toBe(true);
    },
  };
}

function parse(event: LoggedEvent): Event {
  return JSON.parse(event.json) as Event;
}

function placeOf({ seq, prev }: LoggedEvent): string {
  return `${seq}←${prev}`;
}
