import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StorePlace } from './store-place.ts';
import { opened, placesOf } from './store-place.ts';

/** A database is opened again and again, after good ends and bad. */
export function exerciseLives(createPlace: () => StorePlace): void {
  describe('a life', () => {
    it('has an epoch above that of the one before, and the same local owner', async () => {
      const place = createPlace();
      const first = await place.open();
      const owner = await first.localOwner();
      await first.close();
      const second = await place.open();
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await second.localOwner()).toEqual(owner);
      await second.close();
    });

    it('keeps what the one before committed', async () => {
      const place = createPlace();
      const { store, session, commit, chunk } = await opened(() => place);
      await commit({ events: [chunk(1, 'a')] });
      await store.flush();
      await store.close();
      const next = await place.open();
      expect(await next.session(session.id)).toEqual(session);
      expect(await next.lastSeq(session.id)).toBe(1);
      expect(await next.openMessages(session.id)).toEqual(new Map([['a', 1]]));
      await next.close();
    });

    it('goes on with what the one before left to be done', async () => {
      const place = createPlace();
      const { store, session, commit, chunk } = await opened(() => place);
      await commit({ events: Array.from({ length: 3_000 }, (_, index) => chunk(index + 1, 'a')) });
      const completes = { messageId: 'a', sinceSeq: 1 };
      await commit({ events: [{ seq: 3_001, json: '{"at":"end"}', completes }] });
      await store.close();
      const next = await place.open();
      while ((await next.events(session.id, 0, 2)).length > 1) await nextTurn();
      expect(placesOf(await next.events(session.id, 0, 2))).toEqual(['3001←0']);
      await next.close();
    });

    it.each([
      ['the server died but the machine stayed up', 'unclean', 'boot-1', 0],
      ['the machine went down under the server', 'unclean', 'boot-2', 1],
      ['the server ended in order', 'clean', 'boot-1', 0],
      ['the server ended in order before the machine did', 'clean', 'boot-2', 0],
    ] as const)('has the right generation when %s', async (_, end, nextBoot, rise) => {
      const place = createPlace();
      const first = await place.open('boot-1');
      if (end === 'clean') await first.close();
      const second = await place.open(nextBoot);
      expect(second.generation).toBe(first.generation + rise);
      await first.close();
      await second.close();
      // The late close of the first life said nothing about the second.
      const third = await place.open('boot-3');
      expect(third.generation).toBe(second.generation);
      await third.close();
    });

    it('can be closed twice', async () => {
      const store = await createPlace().open();
      await store.close();
      await store.close();
    });
  });
}
