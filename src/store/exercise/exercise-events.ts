import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { exampleId, exampleSession } from './example-rows.ts';
import type { StorePlace } from './store-place.ts';
import { commitOf, opened, placesOf } from './store-place.ts';

/** Commits are atomic and fenced; events keep their order, and go where their message is complete. */
export function exerciseEvents(createPlace: () => StorePlace): void {
  describe('commits', () => {
    it('are taken whole or not at all, a batch of them too', async () => {
      const { store, session, commit, events } = await opened(createPlace);
      const good = { ...commitOf(store, session.id), events: events(1, 2) };
      const bad = { ...commitOf(store, session.id), events: events(2) };
      await expect(store.commit([good, bad])).rejects.toThrow();
      expect(await store.lastSeq(session.id)).toBe(0);
      await commit({ events: events(1) });
      expect(await store.lastSeq(session.id)).toBe(1);
    });

    it('may insert a session together with its first events', async () => {
      const { store, owner, events } = await opened(createPlace);
      const session = exampleSession(owner);
      const writes = [{ table: 'sessions', insert: session }] as const;
      await store.commit([{ ...commitOf(store, session.id), writes, events: events(1) }]);
      expect(await store.lastSeq(session.id)).toBe(1);
    });

    it('are refused, and change nothing, when another server has taken over', async () => {
      const place = createPlace();
      const { store: old, session, events, owner } = await opened(() => place);
      const successor = await place.open();
      const late = old.commit([{ ...commitOf(old, session.id), events: events(1) }]);
      await expect(late).rejects.toMatchObject({ code: 'stale_epoch' });
      const token = { ...owner, id: 'x', hash: 'x', createdAt: '' };
      await expect(old.replaceToken(token)).rejects.toMatchObject({ code: 'stale_epoch' });
      expect(await successor.lastSeq(session.id)).toBe(0);
      await successor.close();
      await old.close();
    });
  });

  describe('events', () => {
    it('come in order, a page at a time, each with the one stored before it', async () => {
      const { store, session, commit, events } = await opened(createPlace);
      await commit({ events: events(1, 2, 3, 4, 5) });
      expect(placesOf(await store.events(session.id, 0, 3))).toEqual(['1←0', '2←1', '3←2']);
      expect(placesOf(await store.events(session.id, 3, 3))).toEqual(['4←3', '5←4']);
      expect(await store.events(session.id, 5, 3)).toEqual([]);
      expect(await store.events(session.id, 999, 3)).toEqual([]);
      expect((await store.events(session.id, 1, 1))[0]?.json).toBe(events(2)[0]?.json);
    });

    it('of one session are not those of another', async () => {
      const { store, owner, session, commit, events } = await opened(createPlace);
      const other = exampleSession(owner);
      await commit({ events: events(1, 2) });
      const writes = [{ table: 'sessions', insert: other }] as const;
      await store.commit([{ ...commitOf(store, other.id), writes, events: events(1) }]);
      expect(await store.lastSeq(session.id)).toBe(2);
      expect(await store.lastSeq(other.id)).toBe(1);
      expect(await store.lastSeq(exampleId('ses'))).toBe(0);
      expect(await store.events(exampleId('ses'), 0, 10)).toEqual([]);
    });

    it('that complete a message make its chunks go, and no others', async () => {
      const { store, session, commit, events, chunk } = await opened(createPlace);
      await commit({ events: [...events(1), chunk(2, 'a'), chunk(3, 'b'), ...events(4)] });
      await commit({ events: [chunk(5, 'a'), chunk(6, 'a'), chunk(7, 'b')] });
      expect(await store.openMessages(session.id)).toEqual(
        new Map([
          ['a', 2],
          ['b', 3],
        ]),
      );

      const completed = { seq: 8, json: '{"at":"8"}', completes: { messageId: 'a', sinceSeq: 2 } };
      await commit({ events: [completed] });
      expect(placesOf(await store.events(session.id, 0, 10))).toEqual(['1←0', '3←1', '4←3', '7←4', '8←7']);
      expect(await store.openMessages(session.id)).toEqual(new Map([['b', 3]]));
      // For a reader that had seen the chunk 5: what it gets next names nothing beyond its cursor.
      expect(placesOf(await store.events(session.id, 5, 1))).toEqual(['7←4']);
    });

    it('of a message that goes on after its completion are chunks of a new one', async () => {
      const { store, session, commit, chunk } = await opened(createPlace);
      const completed = { seq: 2, json: '{"at":"2"}', completes: { messageId: 'a', sinceSeq: 1 } };
      await commit({ events: [chunk(1, 'a'), completed, chunk(3, 'a')] });
      expect(placesOf(await store.events(session.id, 0, 10))).toEqual(['2←0', '3←2']);
      expect(await store.openMessages(session.id)).toEqual(new Map([['a', 3]]));
    });

    it('that complete a long message make its chunks go soon; a reader in between finds its beginning, then the whole', async () => {
      const { store, session, commit, events, chunk } = await opened(createPlace);
      const count = 5_000;
      await commit({ events: Array.from({ length: count }, (_, index) => chunk(index + 1, 'a')) });
      const completes = { messageId: 'a', sinceSeq: 1 };
      await commit({ events: [{ seq: count + 1, json: '{"at":"end"}', completes }, ...events(count + 2)] });
      expect(await store.openMessages(session.id)).toEqual(new Map());

      for (let left = count; left > 0;) {
        const found = await store.events(session.id, 0, count + 2);
        const chunks = found.slice(0, -2).map(({ seq }) => seq);
        expect(chunks.length).toBeLessThanOrEqual(left);
        expect(chunks).toEqual(Array.from(chunks, (_, index) => index + 1));
        expect(placesOf(found.slice(-2))).toEqual([`${count + 1}←${chunks.length}`, `${count + 2}←${count + 1}`]);
        left = chunks.length;
        await nextTurn();
      }
    });

    it('can be read from the end, a page at a time', async () => {
      const { store, session, commit, events, chunk } = await opened(createPlace);
      await commit({ events: [...events(1, 2), chunk(3, 'a'), ...events(4, 5, 6)] });
      const completed = { seq: 7, json: '{"at":"7"}', completes: { messageId: 'a', sinceSeq: 3 } };
      await commit({ events: [completed] });
      expect(placesOf(await store.eventsUpTo(session.id, 7, 3))).toEqual(['5←4', '6←5', '7←6']);
      expect(placesOf(await store.eventsUpTo(session.id, 4, 3))).toEqual(['1←0', '2←1', '4←2']);
      expect(placesOf(await store.eventsUpTo(session.id, 999, 1))).toEqual(['7←6']);
      expect(await store.eventsUpTo(session.id, 0, 3)).toEqual([]);
      expect(await store.eventsUpTo(exampleId('ses'), 7, 3)).toEqual([]);
    });

    it('that are large come in smaller pages, but always at least one', async () => {
      const { store, session, commit } = await opened(createPlace);
      const json = `{"at":"${'x'.repeat(12_000_000)}"}`;
      await commit({ events: [1, 2, 3].map((seq) => ({ seq, json })) });
      expect(placesOf(await store.events(session.id, 0, 10))).toEqual(['1←0']);
      expect(placesOf(await store.events(session.id, 1, 10))).toEqual(['2←1']);
      expect(placesOf(await store.eventsUpTo(session.id, 3, 10))).toEqual(['3←2']);
    });
  });
}
