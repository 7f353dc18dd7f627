import { connect, type Socket } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../kernel/clock.ts';
import { sessionId, startApi, token, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;
const timers: { delayMs: number; fire: () => void }[] = [];
const clock: Clock = {
  ...systemClock,
  setTimer(delayMs, fire) {
    const timer = { delayMs, fire };
    timers.push(timer);
    return { cancel: () => timers.splice(timers.indexOf(timer), 1) };
  },
};

beforeEach(async () => {
  timers.length = 0;
  api = await startApi({ clock });
});

afterEach(() => api.stop());

const path = `/v1/sessions/${sessionId}/events`;
const numbered = (count: number, text = 'line') =>
  Array.from({ length: count }, (_, n) => ({ text: `${text} ${n + 1}` }));
const page = async (query = '') => (await api.send('GET', `${path}${query}`)).json;
const seqs = (events: unknown) => (events as { seq: number }[]).map(({ seq }) => seq);

/** A reader of the stream that can wait for a number of messages. */
async function follow(query = '', headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const response = await fetch(`${api.url}${path}${query}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: leave.signal,
  });
  const seen: (EventSourceMessage | { comment: string } | { retry: number })[] = [];
  const parser = createParser({
    onEvent: (message) => seen.push(message),
    onComment: (comment) => seen.push({ comment }),
    onRetry: (retry) => seen.push({ retry }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    response,
    leave: () => leave.abort(),
    /** Resolves with the first messages, the retry interval left out, as soon as there are so many. */
    async messages(count: number) {
      const found = () => seen.filter((message) => !('retry' in message));
      while (found().length < count) {
        const chunk = await reader?.read();
        if (chunk?.value === undefined) throw new Error(`The stream ended after ${found().length} messages`);
        parser.feed(chunk.value);
      }
      return found().map(({ ...message }) => message);
    },
    async end() {
      for (let isDone = false; !isDone;) isDone = (await reader?.read())?.done ?? true;
      return seen;
    },
    seen,
  };
}

describe('a page of events', () => {
  it('holds the events beyond the cursor, as they are stored, and says where the next begins', async () => {
    api.log.append(...numbered(5));
    expect(await page('?limit=2')).toEqual({
      events: [
        { seq: 1, prev: 0, text: 'line 1' },
        { seq: 2, prev: 1, text: 'line 2' },
      ],
      cursor: '3-2',
      hasMore: true,
    });
    const rest = await page('?after=3-2&limit=3');
    expect([seqs(rest['events']), rest['cursor'], rest['hasMore']]).toEqual([[3, 4, 5], '3-5', false]);
    expect(await page('?after=3-5')).toEqual({ events: [], cursor: '3-5', hasMore: false });
  });

  it('takes a bare seq for one of the present generation', async () => {
    api.log.append(...numbered(3));
    expect(seqs((await page('?after=2'))['events'])).toEqual([3]);
    expect(seqs((await page('?after=0'))['events'])).toEqual([1, 2, 3]);
  });

  it.each([
    ['2-1', 'generation'],
    ['4-1', 'generation'],
    ['3-99', 'future'],
    ['99', 'future'],
  ])('starts from the beginning, and says so, for the cursor %s', async (after, reason) => {
    api.log.append(...numbered(2));
    const { reset, events } = await page(`?after=${after}`);
    expect([reset, seqs(events)]).toEqual([{ reason }, [1, 2]]);
  });

  it('of a session that was pruned starts with the first event that is left, and says so', async () => {
    api.log.append(...numbered(4));
    api.log.prune(2);
    for (const query of ['', '?after=0', '?after=3-1']) {
      const { events, reset, cursor } = await page(query);
      expect([seqs(events), reset, cursor]).toEqual([[3, 4], { reason: 'pruned' }, '3-4']);
    }
    expect(await page('?after=3-2&limit=1')).toEqual({
      events: [{ seq: 3, prev: 2, text: 'line 3' }],
      cursor: '3-3',
      hasMore: true,
    });
  });

  it.each(['-1', '3--1', 'abc', '', '3-', '1.5', '9999999999999999', '3-1; DROP'])(
    'refuses the cursor %j',
    async (after) => {
      const { status, json } = await api.send('GET', `${path}?after=${encodeURIComponent(after)}`);
      expect([status, json['code']]).toEqual([400, 'invalid_request']);
      expect(json['detail']).toContain(`The cursor ${JSON.stringify(after)} is not valid`);
    },
  );

  it('is shorter than was asked for where its events are large', async () => {
    api.log.append(...numbered(3, 'x'.repeat(5 * 1024 * 1024)));
    const first = await page();
    expect([seqs(first['events']), first['hasMore'], first['cursor']]).toEqual([[1], true, '3-1']);
  });

  it('of a session that is not there is 404', async () => {
    expect((await api.send('GET', path.replace(/1\/events$/, '9/events'))).status).toBe(404);
  });
});

describe('a page of events up to a place', () => {
  it('holds the newest events, and says where to go on in either direction', async () => {
    api.log.append(...numbered(5));
    const { events, ...places } = await page('?before=end&limit=2');
    expect(seqs(events)).toEqual([4, 5]);
    expect(places).toEqual({ cursor: '3-5', hasMore: false, start: '3-3', hasEarlier: true });
    const earlier = await page('?before=3-3&limit=10');
    expect(seqs(earlier['events'])).toEqual([1, 2, 3]);
    expect(earlier).toMatchObject({ cursor: '3-3', hasMore: true, start: '3-0', hasEarlier: false });
  });

  it('has nothing earlier than what was pruned', async () => {
    api.log.append(...numbered(5));
    api.log.prune(3);
    expect(await page('?before=end')).toMatchObject({ start: '3-3', hasEarlier: false });
    expect(await page('?before=3-2')).toMatchObject({ events: [], start: '3-2', hasEarlier: false, hasMore: true });
  });

  it.each([
    ['2-1', 'generation'],
    ['3-99', 'future'],
  ])('holds the newest, and says so, for the cursor %s', async (before, reason) => {
    api.log.append(...numbered(3));
    const { reset, events, cursor } = await page(`?before=${before}&limit=2`);
    expect([reset, seqs(events), cursor]).toEqual([{ reason }, [2, 3], '3-3']);
  });

  it('keeps its last events where they are large', async () => {
    api.log.append(...numbered(3, 'x'.repeat(5 * 1024 * 1024)));
    const last = await page('?before=end');
    expect([seqs(last['events']), last['start'], last['hasEarlier']]).toEqual([[3], '3-2', true]);
  });

  it.each([
    ['?before=end&after=3-1', {}, '`after` and `before` exclude each other'],
    ['?before=end', { accept: 'text/event-stream' }, 'A stream cannot begin with `before`'],
    ['?before=start', {}, 'The cursor "start" is not valid: expected "<generation>-<seq>" such as "3-42", or 0 or end'],
  ])('is refused for %s %j', async (query, headers, detail) => {
    const { status, json } = await api.send('GET', `${path}${query}`, { headers });
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    expect(json['detail']).toContain(detail);
  });
});

describe('a stream of events', () => {
  it('begins with what is stored and goes on with what comes, each with its cursor as id', async () => {
    api.log.append(...numbered(2));
    const stream = await follow();
    await stream.messages(2);
    api.log.append({ text: 'live' });
    expect(await stream.messages(3)).toEqual([
      { id: '3-1', event: undefined, data: '{"seq":1,"prev":0,"text":"line 1"}' },
      { id: '3-2', event: undefined, data: '{"seq":2,"prev":1,"text":"line 2"}' },
      { id: '3-3', event: undefined, data: '{"seq":3,"prev":2,"text":"live"}' },
    ]);
    expect(stream.seen[0]).toEqual({ retry: 1000 });
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    stream.leave();
  });

  it('goes on at Last-Event-ID, which wins over the query', async () => {
    api.log.append(...numbered(4));
    const stream = await follow('?after=3-1', { 'last-event-id': '3-3' });
    expect(await stream.messages(1)).toMatchObject([{ id: '3-4' }]);
    const other = await follow('?after=3-2');
    expect(await other.messages(2)).toMatchObject([{ id: '3-3' }, { id: '3-4' }]);
    stream.leave();
    other.leave();
  });

  it.each([
    ['2-1', 'generation'],
    ['3-99', 'future'],
  ])('says that it starts from the beginning for the cursor %s', async (cursor, reason) => {
    api.log.append(...numbered(1));
    const stream = await follow('', { 'last-event-id': cursor });
    expect(await stream.messages(2)).toMatchObject([
      { event: 'reset', id: '3-0', data: JSON.stringify({ reason, cursor: '3-0' }) },
      { event: undefined, id: '3-1' },
    ]);
    stream.leave();
  });

  it('says that it starts with the first event that is left, where earlier ones were pruned', async () => {
    api.log.append(...numbered(3));
    api.log.prune(2);
    for (const cursor of ['0', '3-1']) {
      const stream = await follow('', { 'last-event-id': cursor });
      expect(await stream.messages(2)).toMatchObject([
        { event: 'reset', id: '3-2', data: '{"reason":"pruned","cursor":"3-2"}' },
        { event: undefined, id: '3-3' },
      ]);
      stream.leave();
    }
  });

  it('is refused for a cursor that is none', async () => {
    const { response } = await follow('', { 'last-event-id': 'garbage' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('says every 15 s that it lives', async () => {
    const stream = await follow();
    for (const beat of [1, 2]) {
      expect(timers.map(({ delayMs }) => delayMs)).toEqual([15_000]);
      timers.shift()?.fire();
      expect((await stream.messages(beat)).at(-1)).toEqual({ comment: 'keep-alive' });
    }
    stream.leave();
  });

  it('holds a bounded amount for a reader that never reads', async () => {
    api.log.append(...numbered(2_000, 'x'.repeat(64 * 1024)));
    const socket = await silentReader();
    // The log is asked for more only as long as the socket takes it; another reader gets everything meanwhile.
    const other = await follow('?after=3-1000');
    await other.messages(1_000);
    expect(api.log.taken - 1_000).toBeLessThan(500);
    socket.destroy();
    other.leave();
  });

  it('gives up its subscription and its timer when the reader leaves', async () => {
    const stream = await follow();
    await stream.messages(0);
    const [signal] = api.log.open;
    stream.leave();
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    // The page is answered in a later turn than the end of the subscription.
    await page();
    expect([api.log.open.size, timers.length]).toEqual([0, 0]);
  });

  it('ends cleanly when the server stops, whatever its readers do', async () => {
    api.log.append(...numbered(1_000, 'x'.repeat(64 * 1024)));
    const stream = await follow('?after=3-999');
    await stream.messages(1);
    const socket = await silentReader();
    const stopped = api.stop();
    await stream.end();
    // Of the silent one the last buffer is never taken: after its time limit the connection is cut.
    timers.find(({ delayMs }) => delayMs === 2_000)?.fire();
    await stopped;
    socket.destroy();
  });
});

/** Asks for the stream and takes nothing of it; resolves when the first bytes have come. */
async function silentReader(): Promise<Socket> {
  const socket = connect(api.port, '127.0.0.1');
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${api.port}`,
    `Authorization: Bearer ${token}`,
    'Accept: text/event-stream',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', () => resolve(undefined)));
  return socket;
}
