import { describe, expect, it, vi } from 'vitest';
import type { Store } from '../store/store.ts';
import { CheckedReader } from './fixtures/checked-reader.ts';
import { chunk, completed, openLog, output } from './fixtures/open-log.ts';
import { LiveFeed } from './live-feed.ts';
import { nextTurn } from './next-turn.ts';

describe('a subscriber', () => {
  it('gets what is stored, a page at a time, and then what comes', async () => {
    const { log, newSession, append } = await openLog({ limits: { pageEvents: 2 } });
    const session = await newSession();
    await append(session, output('1'), output('2'), output('3'));
    const reader = new CheckedReader(log, session, 0);
    expect(await reader.next()).toEqual([1, 2]);
    expect(await reader.next()).toEqual([3]);
    const live = reader.next();
    await append(session, output('4'), output('5'));
    expect(await live).toEqual([4, 5]);
  });

  it('loses nothing that is committed and published while it reads its last, empty page', async () => {
    let append: (text: string) => Promise<void> = () => Promise.resolve();
    let hasActed = false;
    const change = (store: Store): Store => ({
      ...store,
      events: async (...args) => {
        const page = await store.events(...args);
        if (page.length === 0 && !hasActed) {
          hasActed = true;
          await append('2');
        }
        return page;
      },
    });
    const opened = await openLog({ change });
    const session = await opened.newSession();
    append = (text) => opened.append(session, output(text));
    await append('1');
    const reader = new CheckedReader(opened.log, session, 0);
    expect(await reader.upTo(2)).toEqual([1, 2]);
  });

  it('gets nothing twice that it read between commit and publication', async () => {
    let whenCommitted: () => Promise<void> = () => Promise.resolve();
    const change = (store: Store): Store => ({
      ...store,
      commit: async (batch) => {
        await store.commit(batch);
        await whenCommitted();
      },
    });
    const { log, newSession, append } = await openLog({ change });
    const session = await newSession();
    const reader = new CheckedReader(log, session, 0);
    let live: Promise<unknown> = Promise.resolve();
    whenCommitted = async () => {
      await reader.upTo(1);
      live = reader.next();
      // Long enough for it to have found that there is nothing more.
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      whenCommitted = () => Promise.resolve();
    };
    await append(session, output('1'));
    await append(session, output('2'));
    expect(await live).toEqual([2]);
  });

  it('sees what is committed, and only then', async () => {
    const underWay = Promise.withResolvers<undefined>();
    const mayCommit = Promise.withResolvers<undefined>();
    const change = (store: Store): Store => ({
      ...store,
      commit: async (batch) => {
        underWay.resolve(undefined);
        await mayCommit.promise;
        await store.commit(batch);
      },
    });
    const { log, newSession, append } = await openLog({ change });
    const session = await newSession();
    const seen = new CheckedReader(log, session, 0).next();
    const appended = append(session, output('1'));
    await underWay.promise;
    expect(await Promise.race([seen, nextTurn().then(() => 'nothing yet')])).toBe('nothing yet');
    mayCommit.resolve(undefined);
    await appended;
    expect(await seen).toEqual([1]);
  });

  it('that was in the middle of a message when its chunks went finds nothing missing', async () => {
    const { log, newSession, append } = await openLog({ limits: { pageEvents: 3 } });
    const session = await newSession();
    await append(session, output('1'), chunk('m', '2'), chunk('m', '3'), chunk('m', '4'), chunk('m', '5'));
    const before = new CheckedReader(log, session, 0);
    const slow = new CheckedReader(log, session, 0);
    expect(await before.upTo(5)).toEqual([1, 2, 3, 4, 5]);
    expect(await slow.next()).toEqual([1, 2, 3]);

    await append(session, completed('m', '2345'), output('7'));
    // A CheckedReader throws where the `prev` of an event is beyond what it has.
    expect(await slow.upTo(7)).toEqual([1, 2, 3, 6, 7]);
    expect(await before.upTo(7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await new CheckedReader(log, session, 0).upTo(7)).toEqual([1, 6, 7]);
  });

  it('that does not keep up holds no more than its queue, and goes on from the store', async () => {
    const { store, log, newSession, append } = await openLog({ limits: { maxQueuedEvents: 10, pageEvents: 100 } });
    const session = await newSession();
    const pages = vi.spyOn(store, 'events');
    const reader = new CheckedReader(log, session, 0);
    const first = reader.next();
    await append(session, output('1'));
    expect(await first).toEqual([1]);
    const pagesBefore = pages.mock.calls.length;
    for (let seq = 2; seq <= 30; seq += 1) await append(session, output(String(seq)));
    expect(await reader.upTo(30)).toHaveLength(30);
    expect(pages.mock.calls.length).toBeGreaterThan(pagesBefore);

    // And is live again afterwards.
    const live = reader.next();
    await append(session, output('31'));
    expect(await live).toEqual([31]);
  });

  it('that waits takes what comes at once, in order with what it could not take so', async () => {
    const { log, newSession, append } = await openLog();
    const session = await newSession();
    let takes = true;
    const reader = new CheckedReader(log, session, 0, () => takes);
    const first = reader.next();
    await append(session, output('1'));
    expect(await first).toEqual([1]);
    const second = reader.next();
    await append(session, output('2'));
    expect(await second).toEqual([2]);
    takes = false;
    await append(session, output('3'));
    takes = true;
    await append(session, output('4'));
    expect(await reader.upTo(4)).toEqual([1, 2, 3, 4]);
  });

  it('falls behind by the size of what waits, too', async () => {
    const { log, newSession, append } = await openLog({ limits: { maxQueuedChars: 10_000 } });
    const session = await newSession();
    const reader = new CheckedReader(log, session, 0);
    const first = reader.next();
    await append(session, output('x'.repeat(20_000)));
    expect(await first).toEqual([1]);
  });

  it('ends when its signal aborts: while it waits, before it began, and when it had stopped asking', async () => {
    const join = vi.spyOn(LiveFeed.prototype, 'join');
    const { log, newSession, append } = await openLog();
    const session = await newSession();
    await append(session, output('1'));
    const [waiting, early, idle] = [
      new CheckedReader(log, session, 1),
      new CheckedReader(log, session, 0),
      new CheckedReader(log, session, 0),
    ];

    expect(await idle.next()).toEqual([1]);
    const wait = waiting.next();
    await append(session, output('2'));
    expect(await wait).toEqual([2]);
    const lastWait = waiting.next();
    early.abort();
    const feed = join.mock.contexts[0] as LiveFeed;
    expect(feed.size).toBe(2);
    idle.abort();
    waiting.abort();
    expect(feed.size).toBe(0);
    expect(await lastWait).toBeNull();
    expect(await early.next()).toBeNull();
    expect(await idle.next()).toBeNull();
    join.mockRestore();
  });

  it('leaves nothing behind when it breaks off', async () => {
    const join = vi.spyOn(LiveFeed.prototype, 'join');
    const { log, newSession, append } = await openLog();
    const session = await newSession();
    await append(session, output('1'));
    for await (const batch of log.subscribe(session, 0, new AbortController().signal)) {
      expect(batch.events).toHaveLength(1);
      break;
    }
    expect((join.mock.contexts[0] as LiveFeed).size).toBe(0);
    join.mockRestore();
  });
});
