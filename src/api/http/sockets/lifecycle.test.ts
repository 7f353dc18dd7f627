import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionId, UserId } from '../../../contracts/ids.ts';
import { RunSummary } from '../../../contracts/resources.ts';
import type { AppendedEvent } from '../../../log/event-log.ts';
import { openLog, output } from '../../../log/fixtures/open-log.ts';
import type { Owner } from '../../../store/rows.ts';
import { exampleId } from '../../../store/exercise/example-rows.ts';
import { otherToken, owner, startApi, type ApiUnderTest } from '../api-under-test.ts';
import { ownersOf, SocketClient } from './socket-under-test.ts';

let place: Awaited<ReturnType<typeof openLog>>;
let api: ApiUnderTest;
let client: SocketClient;
let sessions: Map<SessionId, Owner>;
/** Each look-up of a session waits for it. */
let gate: Promise<unknown>;
let lookUps: SessionId[];
let runs: RunSummary[];

const neighbour: Owner = { ...owner, userId: 'usr_2' as UserId };

beforeEach(async () => {
  place = await openLog();
  sessions = new Map();
  gate = Promise.resolve();
  lookUps = [];
  runs = [];
  const { session } = ownersOf(sessions);
  api = await startApi({
    log: place.log,
    supervisor: {
      async session(asker, id) {
        lookUps.push(id);
        await gate;
        return session(asker, id);
      },
      runs: async (_, filter) => (filter.isOpen === true ? runs : []),
    },
  });
  client = await SocketClient.open(api);
});

afterEach(async () => {
  client.socket.terminate();
  await api.stop();
});

async function newSession(of: Owner = owner): Promise<SessionId> {
  const sessionId = await place.newSession();
  sessions.set(sessionId, of);
  return sessionId;
}

const queued = (prompt: string): AppendedEvent => ({ type: 'run.queued', data: { prompt } });

async function hearPrompts(count: number): Promise<string[]> {
  const prompts: string[] = [];
  while (prompts.length < count) {
    const { event } = await client.hear('lifecycle');
    prompts.push(event.type === 'run.queued' ? event.data.prompt : event.type);
  }
  return prompts;
}

describe('the lifecycle feed', () => {
  it('begins with the runs that are open', async () => {
    runs = [
      RunSummary.parse({
        ...{ id: exampleId('run'), sessionId: exampleId('ses'), profile: 'claude', state: 'queued', prompt: 'Hello' },
        ...{ reason: null, message: null, evidence: 'It waits', mode: 'queue', requestedVerb: null, attempts: 0 },
        ...{
          permissions: { isAllowAll: false, rules: [], pending: [] },
          queuePosition: 1,
          live: null,
          startedAt: null,
          endedAt: null,
        },
        ...{ since: '2026-11-21T10:00:00.000Z', createdAt: '2026-11-21T10:00:00.000Z' },
        usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
      }),
    ];
    client.say({ type: 'watch', id: 'w' });
    expect(await client.hear('watching')).toEqual({ type: 'watching', id: 'w', runs });
  });

  it('tells of the lives of all sessions, those included that are new, in order and of nothing else', async () => {
    const sessionId = await newSession();
    client.say({ type: 'watch' });
    await client.hear('watching');
    await place.append(sessionId, queued('1'), output('not this'), queued('2'));
    const other = await newSession();
    await place.append(other, queued('3'));
    await place.append(sessionId, { type: 'auth.required', data: { message: 'Log in' } });
    expect(await hearPrompts(4)).toEqual(['1', '2', '3', 'auth.required']);
    await client.settled();
    expect(client.unheard).toEqual([]);
  });

  it('tells what it tells as it stands in the log', async () => {
    const sessionId = await newSession();
    client.say({ type: 'watch' });
    await client.hear('watching');
    await place.append(sessionId, output('x'), queued('1'));
    const [, stored] = await place.log.read(sessionId, 0, 2);
    expect((await client.hear('lifecycle')).event).toEqual(JSON.parse(stored?.json ?? ''));
  });

  it('keeps its order while it is looked up whose a session is, and looks once', async () => {
    const [one, two] = [await newSession(), await newSession()];
    client.say({ type: 'watch' });
    await client.hear('watching');
    const open = Promise.withResolvers<undefined>();
    gate = open.promise;
    await place.append(one, queued('1'));
    await place.append(two, queued('2'));
    await place.append(one, queued('3'), queued('4'));
    await client.settled();
    expect(client.unheard).toEqual([]);
    open.resolve(undefined);
    await place.append(two, queued('5'));
    expect(await hearPrompts(5)).toEqual(['1', '2', '3', '4', '5']);
    expect(lookUps).toEqual([one, two]);
  });

  it('tells nobody of what is another’s (ATTACKS 10)', async () => {
    const [own, foreign] = [await newSession(), await newSession(neighbour)];
    const other = await SocketClient.open(api, { token: otherToken });
    for (const one of [client, other]) {
      one.say({ type: 'watch' });
      await one.hear('watching');
    }
    await place.append(foreign, queued('theirs'));
    await place.append(own, queued('ours'));
    expect(await hearPrompts(1)).toEqual(['ours']);
    expect((await other.hear('lifecycle')).event).toMatchObject({ data: { prompt: 'theirs' } });
    for (const one of [client, other]) {
      await one.settled();
      expect(one.unheard).toEqual([]);
    }
    other.socket.terminate();
  });

  it('misses nothing that happens while the runs are read', async () => {
    const sessionId = await newSession();
    await api.stop();
    const reading = Promise.withResolvers<undefined>();
    const read = Promise.withResolvers<RunSummary[]>();
    api = await startApi({
      log: place.log,
      supervisor: {
        ...ownersOf(sessions),
        runs() {
          reading.resolve(undefined);
          return read.promise;
        },
      },
    });
    client = await SocketClient.open(api);
    client.say({ type: 'watch' });
    await reading.promise;
    await place.append(sessionId, queued('1'));
    read.resolve([]);
    await client.hear('watching');
    expect(await hearPrompts(1)).toEqual(['1']);
  });

  it('ends when it is told to, can begin again, and is there once', async () => {
    const sessionId = await newSession();
    client.say({ type: 'watch' });
    client.say({ type: 'watch', id: 'twice' });
    expect(await client.hear('error')).toMatchObject({ id: 'twice', problem: { code: 'wrong_state' } });
    client.say({ type: 'unwatch', id: 'u' });
    expect(await client.hear('unwatched')).toEqual({ type: 'unwatched', id: 'u' });
    await place.append(sessionId, queued('1'));
    client.say({ type: 'watch' });
    await client.hear('watching');
    await client.hear('watching');
    await place.append(sessionId, queued('2'));
    expect(await hearPrompts(1)).toEqual(['2']);
  });

  it('is cut with 4408 when more waits to be looked up than may', async () => {
    const sessionId = await newSession();
    client.say({ type: 'watch' });
    await client.hear('watching');
    gate = new Promise(() => undefined);
    for (let count = 0; count < 100; count += 1) await place.append(sessionId, queued('x'.repeat(10_000)));
    expect((await client.closed).code).toBe(4408);
  });

  it('closes the socket with 1011 where it cannot be told whose a session is', async () => {
    const sessionId = await newSession();
    client.say({ type: 'watch' });
    await client.hear('watching');
    gate = Promise.reject(new Error('a bug'));
    gate.catch(() => undefined);
    await place.append(sessionId, queued('1'));
    expect((await client.closed).code).toBe(1011);
  });
});
