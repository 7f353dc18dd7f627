import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, numbered, say, script } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { readPages, readToExit } from './collect.ts';
import { TestServer } from './test-server.ts';

/** FAULTS 21: a reader that comes back with any cursor gets what comes next without a gap, or an explicit reset. Pruned ones: retention. */

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

const transports = ['page', 'stream'] as const;
type Transport = (typeof transports)[number];

interface Answer {
  readonly reset: { readonly reason: string } | null;
  readonly events: readonly Event[];
}

/** What a reader gets that comes with this cursor, up to the event that is the newest now. */
async function read(transport: Transport, sessionId: string, after: string): Promise<Answer> {
  const session = await server.client.session(sessionId);
  const last = Number(session.cursor.split('-')[1]);
  if (transport === 'page') {
    const { events, reset = null } = await server.client.eventPage(sessionId, { after, limit: 1_000 });
    return { events, reset };
  }
  const leave = new AbortController();
  const events: Event[] = [];
  let reset: Answer['reset'] = null;
  for await (const item of server.client.events(sessionId, { after, signal: leave.signal })) {
    if ('reset' in item) reset = { reason: item.reset.reason };
    else events.push(item);
    if (events.at(-1)?.seq === last) leave.abort();
  }
  return { events, reset };
}

async function finishedSession(
  ...texts: string[]
): Promise<{ sessionId: string; events: Event[]; generation: number }> {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(...texts.map((text) => say(text, { chunks: 4 })), end()) });
  const events = await readToExit(server.client, sessionId);
  const { cursor } = await server.client.session(sessionId);
  return { sessionId, events, generation: Number(cursor.split('-')[0]) };
}

function expectGapless(events: readonly Event[], from: number): void {
  let cursor = from;
  for (const { seq, prev } of events) {
    expect(prev).toBeLessThanOrEqual(cursor);
    expect(seq).toBeGreaterThan(cursor);
    cursor = seq;
  }
}

describe.for(transports)('a reader that comes back by %s', (transport) => {
  test('with a cursor of the past goes on behind it, over a restart and a crash, whichever event it was', async () => {
    const { sessionId, events, generation } = await finishedSession('one', 'two');
    for (const restart of [null, 'SIGTERM', 'SIGKILL'] as const) {
      if (restart !== null) {
        await server.signal(restart);
        await server.start();
      }
      // Also places of chunks that have gone since.
      for (let seq = 0; seq < (events.at(-1)?.seq ?? 0); seq += 1) {
        const answer = await read(transport, sessionId, `${generation}-${seq}`);
        expect(answer.reset).toBeNull();
        expectGapless(answer.events, seq);
        expect(answer.events).toEqual(events.filter((event) => event.seq > seq));
      }
    }
  });

  test('with a cursor that is not of this log is reset, and starts from the beginning', async () => {
    const { sessionId, events, generation } = await finishedSession('one');
    const last = events.at(-1)?.seq ?? 0;
    for (const restart of [false, true]) {
      if (restart) await server.crash();
      for (const [cursor, reason] of [
        [`${generation}-${last + 1}`, 'future'],
        ['999999999', 'future'],
        [`${generation + 1}-1`, 'generation'],
        [`0-${last}`, 'generation'],
      ] as const) {
        const answer = await read(transport, sessionId, cursor);
        expect([cursor, answer.reset]).toEqual([cursor, { reason }]);
        expect(answer.events).toEqual(events);
      }
    }
  });

  test('with a cursor of another session gets no gap: it is a place in this one, or a reset', async () => {
    const short = await finishedSession('one');
    const long = await finishedSession('one', 'two', 'three');
    const ofShort = (await server.client.session(short.sessionId)).cursor;
    const ofLong = (await server.client.session(long.sessionId)).cursor;
    const answer = await read(transport, long.sessionId, ofShort);
    expect(answer.reset).toBeNull();
    expectGapless(answer.events, Number(ofShort.split('-')[1]));
    expect(await read(transport, short.sessionId, ofLong)).toEqual({
      reset: { reason: 'future' },
      events: short.events,
    });
  });

  test('with a cursor that is none is refused', async () => {
    const { sessionId } = await finishedSession('one');
    for (const cursor of ['-1', '1--1', '1-', 'x', '1-2-3', '99999999999999999999']) {
      const refusal = read(transport, sessionId, cursor);
      await expect(refusal).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
      await expect(refusal).rejects.toThrow(`The cursor "${cursor}" is not valid`);
    }
  });
});

test('a reader that begins at the end goes back to the beginning and on with what comes, without a gap', async () => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(numbered(40), end()) });
  await readToExit(server.client, sessionId);

  const newest = await server.client.eventPage(sessionId, { before: 'end', limit: 7 });
  expect([newest.events.length, newest.hasEarlier, newest.hasMore]).toEqual([7, true, false]);
  let [events, page] = [newest.events, newest];
  while (page.hasEarlier === true) {
    page = await server.client.eventPage(sessionId, { before: page.start ?? '', limit: 7 });
    expect(page.events.at(-1)?.seq).toBe(events[0]?.prev);
    events = [...page.events, ...events];
  }
  expect(events).toEqual(await readPages(server.client, sessionId));

  await server.client.createRun(sessionId, { prompt: script(say('more'), end()) });
  await server.crash();
  const [first] = (await read('stream', sessionId, newest.cursor)).events;
  expect([first?.type, first?.prev]).toEqual(['run.queued', newest.events.at(-1)?.seq]);
});
