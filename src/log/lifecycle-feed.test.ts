import { expect, it } from 'vitest';
import { eventData } from '../contracts/events.ts';
import type { SessionId } from '../contracts/ids.ts';
import { lifecycleTypes } from '../contracts/socket.ts';
import { chunk, openLog, output } from './fixtures/open-log.ts';

const queued = { type: 'run.queued', data: { prompt: 'Hello' } } as const;
const opened = { type: 'session.created', data: { profile: 'x', workspace: { path: '/', isShared: false } } } as const;

it('tells of lives once they are committed, in order, as they are read', async () => {
  const { log, newSession, append } = await openLog();
  const [a, b] = [await newSession(), await newSession()];
  const told: { sessionId: SessionId; type: string; json: string; lastSeq: Promise<number> }[] = [];
  const leave = new AbortController();
  await append(a, queued);
  log.watch(
    (sessionId, { type, json }) => void told.push({ sessionId, type, json, lastSeq: log.lastSeq(sessionId) }),
    leave.signal,
  );
  await append(a, chunk('m'), queued, output('x'));
  await append(b, opened, queued);
  expect(told.map(({ sessionId, type }) => [sessionId, type])).toEqual([
    [a, 'run.queued'],
    [b, 'session.created'],
    [b, 'run.queued'],
  ]);
  expect(await Promise.all(told.map(({ lastSeq }) => lastSeq))).toEqual([4, 2, 2]);
  const [, , stored] = await log.read(a, 0, 9);
  expect(told[0]?.json).toBe(stored?.json);
  leave.abort();
  await append(a, queued);
  expect(told).toHaveLength(3);
});

it('tells nobody who has left already', async () => {
  const { log, newSession, append } = await openLog();
  log.watch(() => expect.fail('It was told'), AbortSignal.abort());
  await append(await newSession(), queued);
});

it('knows by their names which events are of lives', () => {
  const types = Object.keys(eventData);
  expect(lifecycleTypes.size).toBeGreaterThan(10);
  for (const type of lifecycleTypes) expect(types).toContain(type);
  expect([...lifecycleTypes]).toEqual(
    expect.arrayContaining(['permission.requested', 'process.exited', 'auth.required']),
  );
  for (const type of ['agent.output', 'message.completed', 'tool_call', 'usage.recorded']) {
    expect(lifecycleTypes.has(type)).toBe(false);
  }
});
