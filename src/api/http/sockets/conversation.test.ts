import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PermissionId, SessionId } from '../../../contracts/ids.ts';
import type { Permission } from '../../../contracts/permission.ts';
import { AppError } from '../../../kernel/app-error.ts';
import { chunk, completed, openLog, output } from '../../../log/fixtures/open-log.ts';
import type { Owner } from '../../../store/rows.ts';
import { exampleId } from '../../../store/exercise/example-rows.ts';
import { otherToken, owner, startApi, token, type ApiUnderTest } from '../api-under-test.ts';
import { heldClock, ownersOf, SocketClient } from './socket-under-test.ts';

type Place = Awaited<ReturnType<typeof openLog>>;

let place: Place;
let api: ApiUnderTest;
let client: SocketClient;
let sessions: Map<SessionId, Owner>;
const time = heldClock();
const permissionId = exampleId('prm');
const answers: unknown[] = [];

beforeEach(async () => {
  place = await openLog();
  sessions = new Map();
  answers.length = 0;
  api = await startApi({
    log: place.log,
    clock: time.clock,
    supervisor: {
      ...ownersOf(sessions),
      async answerPermission(asker, id, answer): Promise<Permission> {
        answers.push([asker, id, answer]);
        if (id !== permissionId) throw new AppError('not_found', `There is no permission "${id}"`);
        return permissionOf(id);
      },
    },
  });
  client = await SocketClient.open(api);
});

afterEach(async () => {
  client.socket.terminate();
  await api.stop();
});

function permissionOf(id: PermissionId): Permission {
  const at = '2026-11-21T10:00:00.000Z';
  return {
    id,
    sessionId: exampleId('ses'),
    runId: exampleId('run'),
    toolCallId: null,
    title: 'Run ls',
    tool: 'Bash',
    command: 'ls',
    paths: [],
    rawInput: {},
    requestedAt: at,
    deadlineAt: at,
    otherwise: 'deny',
    decision: 'allow',
    by: 'user',
    resolvedAt: at,
  };
}

async function newSession(of: Owner = owner): Promise<SessionId> {
  const sessionId = await place.newSession();
  sessions.set(sessionId, of);
  return sessionId;
}

const cursor = (seq: number) => `${place.log.generation}-${seq}`;
const lines = (count: number) => Array.from({ length: count }, (_, n) => output(`line ${n + 1}`));
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('a subscription', () => {
  it('begins with what is stored and goes on with what comes', async () => {
    const sessionId = await newSession();
    await place.append(sessionId, ...lines(3));
    client.say({ type: 'subscribe', id: 'a', sessionId });
    expect(await client.hear('subscribed')).toEqual({ type: 'subscribed', id: 'a', sessionId, cursor: cursor(0) });
    const stored = await client.hear('events');
    expect([stored.cursor, stored.events.map(({ seq }) => seq)]).toEqual([cursor(3), [1, 2, 3]]);
    expect(stored.events).toEqual(
      (await place.log.read(sessionId, 0, 10)).map(({ json }) => JSON.parse(json) as unknown),
    );
    await place.append(sessionId, output('live'));
    expect(await client.hear('events')).toMatchObject({
      sessionId,
      cursor: cursor(4),
      events: [{ data: { text: 'live' } }],
    });
  });

  it('goes on at its cursor, and says when it cannot', async () => {
    const sessionId = await newSession();
    await place.append(sessionId, ...lines(4));
    client.say({ type: 'subscribe', sessionId, after: cursor(3) });
    expect(await client.seqs(sessionId, 1)).toEqual([4]);
    client.say({ type: 'unsubscribe', sessionId });
    client.say({ type: 'subscribe', sessionId, after: cursor(9) });
    expect(await client.hear('reset')).toEqual({ type: 'reset', sessionId, reason: 'future', cursor: cursor(0) });
    expect(await client.seqs(sessionId, 4)).toEqual([1, 2, 3, 4]);
  });

  it('ends when it is told to, and nothing follows', async () => {
    const sessionId = await newSession();
    client.say({ type: 'subscribe', sessionId });
    await client.hear('subscribed');
    client.say({ type: 'unsubscribe', id: 'u', sessionId });
    expect(await client.hear('unsubscribed')).toEqual({ type: 'unsubscribed', id: 'u', sessionId });
    await place.append(sessionId, ...lines(3));
    await client.settled();
    expect(client.unheard).toEqual([]);
  });

  it('is one of many on a socket, none of which misses anything', async () => {
    const ids = await Promise.all(Array.from({ length: 300 }, () => newSession()));
    for (const sessionId of ids) await place.append(sessionId, ...lines(2));
    for (const sessionId of ids) client.say({ type: 'subscribe', sessionId });
    await Promise.all(ids.map((sessionId) => place.append(sessionId, ...lines(3))));
    const seen = new Map<string, number[]>();
    while ([...seen.values()].flat().length < ids.length * 5) {
      const { sessionId, events } = await client.hear('events');
      seen.set(sessionId, [...(seen.get(sessionId) ?? []), ...events.map(({ seq }) => seq)]);
    }
    expect([...seen]).toHaveLength(ids.length);
    for (const seqs of seen.values()) expect(seqs).toEqual(upTo(5));
  });

  it('shows a message that is complete without its chunks, like any reader', async () => {
    const sessionId = await newSession();
    await place.append(sessionId, chunk('m', 'a'), chunk('m', 'b'));
    await place.append(sessionId, completed('m', 'ab'));
    client.say({ type: 'subscribe', sessionId });
    expect(await client.seqs(sessionId, 1)).toEqual([3]);
  });
});

describe('what is refused leaves the socket open', () => {
  it.each([
    ['another token’s session', 'not_found'],
    ['no session', 'not_found'],
    ['no id', 'not_found'],
    ['a bad cursor', 'invalid_request'],
    ['a second subscription', 'wrong_state'],
  ])('%s', async (what, code) => {
    const sessionId = await newSession();
    const foreign = await newSession({ ...owner, userId: exampleId('usr') });
    if (what === 'a second subscription') client.say({ type: 'subscribe', sessionId });
    const id = { 'another token’s session': foreign, 'no session': exampleId('ses'), 'no id': 'ses_x' }[what];
    client.say({
      type: 'subscribe',
      id: 'x',
      sessionId: id ?? sessionId,
      ...(what === 'a bad cursor' && { after: 'x' }),
    });
    expect(await client.hear('error')).toMatchObject({ id: 'x', problem: { code } });
    await client.settled();
  });

  it('what is undone without having been done', async () => {
    client.say({ type: 'unsubscribe', id: '1', sessionId: exampleId('ses') });
    client.say({ type: 'unwatch', id: '2' });
    expect(await client.hear('error')).toMatchObject({ id: '1', problem: { code: 'wrong_state', status: 409 } });
    expect(await client.hear('error')).toMatchObject({ id: '2', problem: { code: 'wrong_state' } });
  });
});

describe('an answer', () => {
  it('goes to the supervisor in the name of the token, and its outcome comes back', async () => {
    const answer = { decision: 'allow' as const, updatedInput: { command: 'ls -l' } };
    client.say({ type: 'answer', id: 'q', permissionId, answer });
    expect(await client.hear('answered')).toMatchObject({ id: 'q', permission: { id: permissionId, by: 'user' } });
    expect(answers).toEqual([[owner, permissionId, answer]]);
  });

  it('is refused where nobody asked', async () => {
    for (const id of [exampleId('prm'), 'x']) {
      client.say({ type: 'answer', permissionId: id, answer: { decision: 'deny' } });
      expect(await client.hear('error')).toMatchObject({ problem: { code: 'not_found' } });
    }
  });

  it('may be large', async () => {
    const updatedInput = { text: 'x'.repeat(1_000_000) };
    client.say({ type: 'answer', permissionId, answer: { decision: 'allow', updatedInput } });
    await client.hear('answered');
  });
});

describe('two sockets of different owners (ATTACKS 10)', () => {
  it('see nothing of one another', async () => {
    const other = await SocketClient.open(api, { token: otherToken });
    const sessionId = await newSession();
    client.say({ type: 'subscribe', sessionId });
    other.say({ type: 'subscribe', id: 'x', sessionId });
    const [known, unknown] = [await other.hear('error'), exampleId('ses')];
    other.say({ type: 'subscribe', id: 'x', sessionId: unknown });
    const expected = JSON.stringify(await other.hear('error')).replace(unknown, sessionId);
    expect(JSON.stringify(known)).toBe(expected);
    await place.append(sessionId, ...lines(1));
    expect(await client.seqs(sessionId, 1)).toEqual([1]);
    await other.settled();
    expect(other.unheard).toEqual([]);
    other.socket.terminate();
  });
});

describe('a frame that is not of the protocol', () => {
  const id = 'ses_01890000-0000-7000-8000-000000000001';
  it.each([
    ['{', 'The frame is not valid JSON'],
    ['null', /./],
    ['[]', /./],
    ['{}', /^type: /],
    ['{"type":"hello"}', /^type: /],
    ['{"type":"ping","id":1}', 'id: expected string'],
    [`{"type":"ping","id":"${'x'.repeat(101)}"}`, /^id: /],
    ['{"type":"subscribe"}', 'sessionId: expected string'],
    // Who somebody is is said by the token alone (ATTACKS 11).
    [`{"type":"subscribe","sessionId":"${id}","tenantId":"ten_1"}`, /^tenantId: /],
    [`{"type":"subscribe","sessionId":"${id}","token":"${token}"}`, /^token: /],
    ['{"type":"watch","userId":"usr_1"}', /^userId: /],
    [`{"type":"answer","permissionId":"prm_1","answer":{"decision":"perhaps"}}`, /^answer.decision: /],
    [`{"type":"answer","permissionId":"prm_1","answer":{"decision":"deny","by":"policy"}}`, /^answer.by: /],
    ['{"type":"ping","\u001b]0;x\u0007\u202e":1}', /^[\x20-\x7e]*$/],
    [`{"type":"ping","${'ä'.repeat(500)}":1}`, /^[\x20-\x7e]{123}$/],
    ['['.repeat(500_000), 'The frame is not valid JSON'],
    [`{"type":"ping","__proto__":{"isAdmin":true}}`, /./],
  ])('closes the socket with 4400 and says why: %j', async (text, reason) => {
    client.socket.send(text);
    const { code, ...closed } = await client.closed;
    expect(code).toBe(4400);
    expect(closed.reason).toMatch(reason);
    expect(Buffer.byteLength(closed.reason)).toBeLessThanOrEqual(123);
    expect(closed.reason).not.toContain(token);
  });

  it('is one that is binary, whatever it holds', async () => {
    client.socket.send(Buffer.from('{"type":"ping"}'));
    expect(await client.closed).toEqual({ code: 4400, reason: 'Frames are JSON text, not binary' });
  });

  it('is nothing that is done any more, nor what comes behind it', async () => {
    client.socket.send('{"type":"hello"}');
    client.say({ type: 'answer', permissionId, answer: { decision: 'allow' } });
    await client.closed;
    expect(answers).toEqual([]);
  });

  it.each([
    ['is too big', 1009, 'x'.repeat(1_100_000)],
    ['is not UTF-8', 1007, Buffer.of(0x22, 0xff, 0x22)],
  ])('closes the socket as WebSockets do where it %s', async (_, code, data) => {
    client.socket.send(data, { binary: false });
    expect((await client.closed).code).toBe(code);
  });
});

describe('the other ends of a socket', () => {
  it('4429: it follows too many sessions', async () => {
    const ids = await Promise.all(Array.from({ length: 1_001 }, () => newSession()));
    for (const sessionId of ids) client.say({ type: 'subscribe', sessionId });
    expect(await client.closed).toEqual({ code: 4429, reason: 'A socket may follow 1000 sessions' });
  });

  it('1001: the server stops', async () => {
    const stopped = api.stop();
    expect(await client.closed).toEqual({ code: 1001, reason: 'The server stops; come back with your cursors' });
    await stopped;
  });

  it('1011: the server met a bug', async () => {
    const sessionId = await newSession();
    await place.append(sessionId, output('x'));
    place.store.events = () => Promise.reject(new Error('a bug'));
    client.say({ type: 'subscribe', sessionId });
    const { code, reason } = await client.closed;
    expect(code).toBe(1011);
    expect(reason).not.toContain('a bug');
    expect(api.logged.join()).toContain('a bug');
  });

  it('none: a client that owes two pongs is gone', async () => {
    const silent = await SocketClient.open(api, { autoPong: false });
    for (let beat = 0; beat < 2; beat += 1) {
      const pinged = new Promise((resolve) => silent.socket.once('ping', resolve));
      time.fire(15_000);
      await pinged;
    }
    await client.settled();
    time.fire(15_000);
    expect((await silent.closed).code).toBe(1006);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('is noticed where the client leaves, and everything given up', async () => {
    const sessionId = await newSession();
    client.say({ type: 'subscribe', sessionId });
    await client.hear('subscribed');
    client.socket.close(1000);
    await client.closed;
    await expect.poll(() => api.logged.at(-1)).toContain('"code":1000');
    await place.append(sessionId, output('x'));
  });

  it('pings of the client are answered', async () => {
    const answered = new Promise<Buffer>((resolve) => client.socket.once('pong', resolve));
    client.socket.ping('hello');
    expect((await answered).toString()).toBe('hello');
  });
});
