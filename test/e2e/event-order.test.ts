import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/contracts/events.ts';
import type { Step } from '../../src/agents/scripted/script.ts';
import {
  edit,
  end,
  exit,
  fail,
  kill,
  permission,
  print,
  say,
  script,
  think,
  tool,
} from '../../src/agents/scripted/script.ts';
import { readPages } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer({
    config: {
      profiles: {
        scripted: { driver: 'scripted' },
        missing: { driver: 'claude', options: { command: '/nonexistent/claude' } },
      },
    },
  });
  await server.start();
});

afterEach(() => server.dispose());

const stories: Record<string, Step[]> = {
  'a good turn': [think('hm', { chunks: 3 }), say('hello', { chunks: 3 }), edit('a.txt', { content: 'a' }), end()],
  'a turn with a question': [permission('May I?'), say('no'), end()],
  'a failed turn': [tool('try'), fail('overloaded', 'Too busy')],
  'an agent that dies': [say('soon'), kill('SIGSEGV')],
  'an agent that leaves without a word': [print('garbage'), exit(0)],
};

/** The rules of docs/events.md, "Order". */
test.for(Object.entries(stories))('events of %s come in the order that docs/events.md promises', async ([, steps]) => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(...steps) });
  await server.client.createRun(sessionId, { prompt: script(say('second run'), end()) });
  const events = await until(async () => {
    const read = await readPages(server.client, sessionId);
    return read.filter(({ type }) => type === 'process.exited').length === 2 && read;
  }, 'both processes to be gone');

  expect(events[0]?.type).toBe('session.created');
  for (const runId of idsOf(events, 'runId')) {
    const types = events.filter((event) => event.runId === runId).map(({ type }) => type);
    const told = types.filter((type) => type.startsWith('run.') || type.startsWith('attempt.'));
    expect(told).toEqual(['run.queued', 'run.started', 'attempt.started', 'attempt.ended', 'run.ended']);
    expect(types.indexOf('process.started')).toBeGreaterThan(types.indexOf('attempt.started'));
  }
  for (const attemptId of idsOf(events, 'attemptId')) {
    const within = events.filter((event) => event.attemptId === attemptId && event.type !== 'process.exited');
    expect(within[0]?.type).toBe('attempt.started');
    expect(within.at(-1)?.type).toBe('attempt.ended');
  }
  expectBefore(events, 'permission.requested', 'permission.resolved', 'permissionId');
  expectBefore(events, 'tool_call', 'tool_call_update', 'toolCallId');
  expectBefore(events, 'process.started', 'process.exited', 'processId');
});

test('a run that cannot be attempted has only its queueing and its end', async () => {
  const sessionId = await server.session('missing');
  const { run } = await server.client.createRun(sessionId, { prompt: 'hello' });
  await until(async () => (await server.client.run(run.id)).state === 'failed', 'the run to fail');
  const events = await readPages(server.client, sessionId);
  expect(events.map(({ type }) => type)).toEqual(['session.created', 'run.queued', 'run.ended']);
  expect(await server.client.run(run.id)).toMatchObject({
    reason: 'agent_not_found',
    message: expect.stringContaining('/nonexistent/claude') as string,
  });
});

function idsOf(events: readonly Event[], name: 'runId' | 'attemptId'): Set<string> {
  return new Set(events.flatMap((event) => event[name] ?? []));
}

function expectBefore(events: readonly Event[], first: string, second: string, id: string): void {
  const idOf = (event: Event) => (event.data as Record<string, unknown>)[id];
  for (const later of events.filter(({ type }) => type === second)) {
    const earlier = events.find((event) => event.type === first && idOf(event) === idOf(later));
    expect(earlier?.seq).toBeLessThan(later.seq);
  }
}
