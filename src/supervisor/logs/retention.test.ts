import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Config } from '../../config/config.ts';
import type { Clock } from '../../kernel/clock.ts';
import { systemClock } from '../../kernel/clock.ts';
import { exampleId, exampleProcess, exampleSession } from '../../store/exercise/example-rows.ts';
import { openTestStore } from '../../store/exercise/open-test-store.ts';
import { temporaryDirectory } from '../../store/exercise/temporary-directory.ts';
import type { Store } from '../../store/store.ts';
import type { RetentionParts } from './retention.ts';
import { createRetention } from './retention.ts';

const now = Date.parse('2026-03-31T12:00:00.000Z');
const [old, young] = ['2026-02-01T00:00:00.000Z', '2026-03-31T00:00:00.000Z'];

describe('retention of raw logs', () => {
  it('removes the directories of processes that ended long enough ago, and no others', async () => {
    const { retain, addProcess, left } = await open({ rawLogDays: 30 });
    const kept = [
      await addProcess({ state: 'exited', exitedAt: young }),
      await addProcess({ state: 'running', startedAt: old }),
      exampleId('prc'),
      'lost+found',
    ];
    for (const name of kept.slice(2)) left.add(name);
    await addProcess({ state: 'exited', exitedAt: old });
    expect(await retain()).toEqual([{ logs: 1, events: 0 }]);
    expect(left.names()).toEqual(kept.toSorted());
  });

  it('finishes what was half removed', async () => {
    const { retain, left } = await open({ rawLogDays: 30 });
    left.add('prc_1.removing');
    await retain();
    expect(left.names()).toEqual([]);
  });

  it('says what it cannot remove, and goes on with the rest', async () => {
    const { retain, addProcess, left, problems } = await open({ rawLogDays: 30 }, { holderBinary: '/bin/false' });
    const id = await addProcess({ state: 'exited', exitedAt: old });
    left.add('prc_1.removing');
    expect(await retain()).toEqual([{ logs: 0, events: 0 }]);
    expect(left.names()).toEqual([id]);
    expect(problems).toEqual(['Could not remove the directory of an ended process']);
  });
});

describe('retention of events', () => {
  it('prunes the old ones of every session, however many there are', async () => {
    const { retain, addSession, store } = await open({ eventDays: 30 });
    const many = await addSession(...Array.from({ length: 5_000 }, () => old), young);
    const few = await addSession(old, young);
    const none = await addSession(young);
    expect(await retain()).toEqual([{ logs: 0, events: 5_001 }]);
    for (const [session, pruned] of [
      [many, 5_000],
      [few, 1],
      [none, 0],
    ] as const) {
      expect([await store.prunedSeq(session), await store.lastSeq(session)]).toEqual([pruned, pruned + 1]);
    }
  });
});

describe('retention', () => {
  it('keeps everything where it is told so', async () => {
    const { retain, addProcess, addSession, left, store } = await open({ rawLogDays: null, eventDays: null });
    const id = await addProcess({ state: 'exited', exitedAt: old });
    const session = await addSession(old);
    await retain();
    expect([left.names(), await store.prunedSeq(session)]).toEqual([[id], 0]);
  });

  it('looks again every hour, also after trouble, until it is stopped', async () => {
    const trouble = (store: Store): Store => ({ ...store, sessionIds: () => Promise.reject(new Error('busy')) });
    const { retention, timers, passed, problems } = await open({ eventDays: 30 }, { change: trouble });
    await retention.start();
    await retention.start();
    for (const failures of [1, 2]) {
      await passed();
      expect(timers.map(({ delayMs }) => delayMs)).toEqual([3_600_000]);
      expect(problems.length).toBe(failures);
      timers.shift()?.fire();
    }
    await retention.stop();
    await retention.stop();
    expect(timers).toEqual([]);
  });

  it('that was never started can be stopped', async () => {
    const { retention, timers } = await open({});
    await retention.stop();
    expect(timers).toEqual([]);
  });
});

interface Changes extends Partial<Pick<RetentionParts, 'holderBinary'>> {
  readonly change?: (store: Store) => Store;
}

async function open(
  retention: Partial<Config['retention']>,
  { holderBinary = '/bin/true', change = (store) => store }: Changes = {},
) {
  const dataDir = temporaryDirectory();
  const place = join(dataDir, 'processes');
  mkdirSync(place);
  const store = await openTestStore({ directory: dataDir });
  onTestFinished(() => store.close());
  const owner = await store.localOwner();
  const epoch = store.epoch;

  const timers: { delayMs: number; fire: () => void }[] = [];
  let notePass = () => {};
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    sleep: () => Promise.resolve(),
    setTimer(delayMs, fire) {
      const timer = { delayMs, fire };
      timers.push(timer);
      setImmediate(() => notePass());
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
  };
  const [said, problems]: [unknown[], string[]] = [[], []];
  const say = (fields: unknown) => void said.push(fields);
  const complain = (_: unknown, message: string) => void problems.push(message);
  const logger = { info: say, debug: say, warn: complain, error: complain } as unknown as RetentionParts['logger'];
  const config = Config.parse({ dataDir, retention: { rawLogDays: null, ...retention } });
  const lifecycle = createRetention({ config, store: change(store), clock, logger, holderBinary });

  const passed = () => new Promise<void>((resolve) => (notePass = resolve));
  const add = (name: string) => {
    mkdirSync(join(place, name));
    writeFileSync(join(place, name, 'out.log'), 'hello');
  };
  const newSession = async () => {
    const session = exampleSession(owner);
    const writes = [{ table: 'sessions', insert: session }] as const;
    await store.commit([{ epoch, sessionId: session.id, events: [], writes }]);
    return session.id;
  };

  return {
    store,
    retention: lifecycle,
    timers,
    passed,
    problems,
    left: { add, names: () => (existsSync(place) ? readdirSync(place).toSorted() : []) },
    /** One pass; resolves with what it said. */
    retain: async () => {
      const isOver = passed();
      await lifecycle.start();
      await isOver;
      await lifecycle.stop();
      return said;
    },
    addProcess: async (row: Parameters<typeof exampleProcess>[1]): Promise<string> => {
      const sessionId = await newSession();
      const insert = exampleProcess(sessionId, row);
      const writes = [{ table: 'processes', insert }] as const;
      await store.commit([{ epoch, sessionId, events: [], writes }]);
      add(insert.id);
      return insert.id;
    },
    /** With events of these times. */
    addSession: async (...times: string[]) => {
      const sessionId = await newSession();
      const events = times.map((at, index) => ({ seq: index + 1, json: JSON.stringify({ at }) }));
      await store.commit([{ epoch, sessionId, events, writes: [] }]);
      return sessionId;
    },
  };
}
