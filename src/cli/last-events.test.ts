import { describe, expect, it } from 'vitest';
import type { Event, EventPageQuery } from '../client/client.ts';
import { readLastEvents } from './last-events.ts';

/** A session of two runs that take turns, in pages of three whatever is asked for. */
const events = Array.from({ length: 10 }, (_, index) => {
  const type = index < 2 ? 'run.queued' : 'agent.output';
  return { seq: index + 1, prev: index, type, runId: index % 2 === 0 ? 'run_a' : 'run_b' } as unknown as Event;
});

function sessionOf(asked: EventPageQuery[] = []) {
  return {
    async eventPage(_: string, query: EventPageQuery = {}) {
      asked.push(query);
      const place = query.before === 'end' ? events.length : Number(query.before?.slice(2));
      const first = Math.max(0, place - 3);
      const page = { events: events.slice(first, place), start: `1-${first}`, hasEarlier: first > 0 };
      return { ...page, cursor: `1-${place}`, hasMore: false };
    },
  };
}

const seqs = (found: readonly Event[]) => found.map(({ seq }) => seq);

describe('the last events', () => {
  it('of a session are read from its end, with the place where a stream goes on', async () => {
    const asked: EventPageQuery[] = [];
    const { events: found, cursor } = await readLastEvents(sessionOf(asked), 'ses_1', { count: 4 });
    expect([seqs(found), cursor]).toEqual([[7, 8, 9, 10], '1-10']);
    expect(asked).toEqual([
      { before: 'end', limit: 4 },
      { before: '1-7', limit: 4 },
    ]);
  });

  it('of a session are all of them where there are no more', async () => {
    expect(seqs((await readLastEvents(sessionOf(), 'ses_1', { count: 99 })).events)).toEqual(seqs(events));
  });

  it('of a run are its own, back to its beginning', async () => {
    const asked: EventPageQuery[] = [];
    const run = await readLastEvents(sessionOf(asked), 'ses_1', { count: 2, runId: 'run_a' });
    expect([seqs(run.events), run.cursor, asked.length]).toEqual([[7, 9], '1-10', 2]);
    expect(seqs((await readLastEvents(sessionOf(), 'ses_1', { count: 99, runId: 'run_b' })).events)).toEqual([
      2, 4, 6, 8, 10,
    ]);
  });
});
