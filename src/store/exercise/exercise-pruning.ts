import { describe, expect, it } from 'vitest';
import type { EventRow } from '../store.ts';
import { exampleId, exampleRun, exampleSession } from './example-rows.ts';
import type { StorePlace } from './store-place.ts';
import { commitOf, opened, placesOf } from './store-place.ts';

/** What is old goes from the beginning of a session, and what is left says so. */
export function exercisePruning(createPlace: () => StorePlace): void {
  const event = (seq: number, at: string, runId?: string): EventRow => ({ seq, json: JSON.stringify({ at, runId }) });

  describe('pruning', () => {
    it('removes events up to the first that is young enough', async () => {
      const { store, session, commit } = await opened(createPlace);
      await commit({ events: [event(1, '2026-01'), event(2, '2026-02'), event(3, '2026-03'), event(4, '2026-01')] });
      expect(await store.prunedSeq(session.id)).toBe(0);
      expect(await store.prune({ sessionId: session.id, before: '2026-03' })).toEqual({ events: 2, hasMore: false });
      expect(await store.prunedSeq(session.id)).toBe(2);
      expect(placesOf(await store.events(session.id, 0, 10))).toEqual(['3←2', '4←3']);
      expect(placesOf(await store.eventsUpTo(session.id, 3, 10))).toEqual(['3←2']);
      expect(await store.prune({ sessionId: session.id, before: '2026-03' })).toEqual({ events: 0, hasMore: false });
    });

    it('keeps the events of a run that has not ended, and all that came after its first', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const [ended, open] = [
        exampleRun(owner, session.id, { state: 'succeeded' }),
        exampleRun(owner, session.id, { state: 'running' }),
      ];
      await commit({
        writes: [ended, open].map((insert) => ({ table: 'runs', insert })),
        events: [event(1, '1'), event(2, '1', ended.id), event(3, '1', open.id), event(4, '1', ended.id)],
      });
      expect(await store.prune({ sessionId: session.id, before: '2' })).toEqual({ events: 2, hasMore: false });
      await commit({ writes: [{ table: 'runs', id: open.id, patch: { state: 'failed' } }] });
      expect(await store.prune({ sessionId: session.id, before: '2' })).toEqual({ events: 2, hasMore: false });
    });

    it('of everything leaves the numbers go on', async () => {
      const place = createPlace();
      const { store, session, commit } = await opened(() => place);
      await commit({ events: [event(1, '1'), event(2, '1')] });
      await store.prune({ sessionId: session.id, before: '2' });
      expect(await store.lastSeq(session.id)).toBe(2);
      await store.close();
      const next = await place.open();
      expect([await next.lastSeq(session.id), await next.prunedSeq(session.id)]).toEqual([2, 2]);
      await next.commit([{ ...commitOf(next, session.id), events: [event(3, '3')] }]);
      expect(placesOf(await next.events(session.id, 0, 10))).toEqual(['3←2']);
      await next.close();
    });

    it('does a bounded amount at a time', async () => {
      const { store, session, commit } = await opened(createPlace);
      const count = 5_000;
      await commit({ events: Array.from({ length: count }, (_, index) => event(index + 1, '1')) });
      const slices: number[] = [];
      for (let hasMore = true; hasMore;) {
        const pruned = await store.prune({ sessionId: session.id, before: '2' });
        slices.push(pruned.events);
        ({ hasMore } = pruned);
      }
      expect(Math.max(...slices)).toBeLessThan(count);
      expect(slices.reduce((sum, events) => sum + events, 0)).toBe(count);
      expect(await store.events(session.id, 0, 10)).toEqual([]);
    });

    it('leaves other sessions alone; all of them can be gone through', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const others = [exampleSession(owner), exampleSession(owner)];
      await commit({ writes: others.map((insert) => ({ table: 'sessions', insert })), events: [event(1, '1')] });
      const ids = [session, ...others].map(({ id }) => id);
      expect(await store.sessionIds(null, 2)).toEqual(ids.slice(0, 2));
      expect(await store.sessionIds(ids[1] ?? null, 2)).toEqual(ids.slice(2));
      expect(await store.sessionIds(ids[2] ?? null, 2)).toEqual([]);
      expect(await store.prune({ sessionId: others[0]?.id ?? session.id, before: '2' })).toMatchObject({ events: 0 });
      expect(await store.prune({ sessionId: exampleId('ses'), before: '2' })).toEqual({ events: 0, hasMore: false });
      expect(await store.lastSeq(session.id)).toBe(1);
    });
  });
}
