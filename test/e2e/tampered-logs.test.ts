import { renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, exit, numbered, script, waitForFile } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { holderBinary } from '../../src/holder/build-holder.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import { sealLogs } from '../../src/holder/seal.ts';
import { followUntil, numbersIn, ofType, readToExit } from './collect.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

const each = 20;

/**
 * An agent that has said its first numbers and says the others when it may; the attribute that keeps its log from being changed is
 * lifted, as only root can.
 */
async function startCounting() {
  const sessionId = await server.session();
  const gate = join(server.place, 'gate');
  const prompt = script(
    numbered(each, { prefix: 'a' }),
    waitForFile(gate),
    numbered(each, { prefix: 'b' }),
    end({ answer: 'counted' }),
    exit(5),
  );
  const { run } = await server.client.createRun(sessionId, { prompt });
  const before = await followUntil(server.client, sessionId, (event) => numbersIn([event]).at(-1) === each);
  const [started] = ofType(before, 'process.started');
  const directory = server.processDirectory(started?.data.processId ?? '');
  await sealLogs(await holderBinary(), directory);
  const { out } = processFiles(directory);
  return { sessionId, runId: run.id, before, out, size: statSync(out).size, open: () => writeFileSync(gate, '') };
}

type Counting = Awaited<ReturnType<typeof startCounting>>;

/** Stored events are as they were, and nothing was said twice. */
function expectIntact(events: readonly Event[], { before }: Counting): void {
  expect(events.slice(0, before.length)).toEqual(before);
  expect(new Set(numbersOf(events))).toHaveLength(numbersOf(events).length);
}

/** Such as "a1": a prefix tells what was said before from what was said after. */
function numbersOf(events: readonly Event[]): string[] {
  return ofType(events, 'message.completed').flatMap(({ data }) =>
    data.content.map((block) => (block.type === 'text' ? block.text : '')),
  );
}

function counted(prefix: string): string[] {
  return Array.from({ length: each }, (_, index) => `${prefix}${index + 1}`);
}

const outcomes = (events: readonly Event[]) =>
  ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.reason, data.answer]);

describe('a log that is truncated under the tail (FAULTS 16)', () => {
  test.for<[string, (size: number) => number]>([
    ['to nothing', () => 0],
    ['in the middle of a line', (size) => Math.floor(size / 2) + 1],
  ])('%s: says so once, repeats nothing, and goes on with what is written from there', async ([, shorten]) => {
    const counting = await startCounting();
    const { sessionId, out, size } = counting;
    truncateSync(out, shorten(size));
    await followUntil(server.client, sessionId, (event) => event.type === 'log.truncated');
    counting.open();
    const events = await readToExit(server.client, sessionId);
    expect(ofType(events, 'log.truncated').map(({ data }) => data)).toEqual([
      { stream: 'stdout', expectedBytes: size, foundBytes: shorten(size) },
    ]);
    expectIntact(events, counting);
    expect(numbersOf(events)).toEqual([...counted('a'), ...counted('b')]);
    expect(ofType(events, 'agent.output')).toEqual([]);
    expect(outcomes(events)).toEqual([['succeeded', null, 'counted']]);
    expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([5]);
  });

  test('while no server is there: is found by the next one', async () => {
    const counting = await startCounting();
    const { sessionId, out, size } = counting;
    await server.signal('SIGKILL');
    truncateSync(out, 10);
    await server.start();
    await followUntil(server.client, sessionId, (event) => event.type === 'log.truncated');
    await server.crash();
    counting.open();
    const events = await readToExit(server.client, sessionId);
    expect(ofType(events, 'log.truncated').map(({ data }) => data)).toEqual([
      { stream: 'stdout', expectedBytes: size, foundBytes: 10 },
    ]);
    expectIntact(events, counting);
    expect(numbersOf(events)).toEqual([...counted('a'), ...counted('b')]);
    expect(outcomes(events)).toEqual([['succeeded', null, 'counted']]);
  });
});

const replacements: Record<string, (out: string) => void> = {
  'replaced by a file that is moved over it': (out) => {
    writeFileSync(`${out}.new`, 'a stranger’s line\n');
    renameSync(`${out}.new`, out);
  },
  'deleted and made anew': (out) => {
    rmSync(out);
    writeFileSync(out, 'a stranger’s line\n');
  },
  deleted: (out) => rmSync(out),
};

describe('a log that another file takes the place of (FAULTS 16)', () => {
  test.for(Object.entries(replacements))('%s under the tail: is read on to its true end', async ([, replace]) => {
    const counting = await startCounting();
    const { sessionId, out } = counting;
    replace(out);
    counting.open();
    const events = await readToExit(server.client, sessionId);
    expectIntact(events, counting);
    expect(numbersOf(events)).toEqual([...counted('a'), ...counted('b')]);
    expect(ofType(events, 'agent.output')).toEqual([]);
    expect(outcomes(events)).toEqual([['succeeded', null, 'counted']]);
    expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([5]);
  });

  test.for(Object.entries(replacements))(
    '%s while no server is there: is said to be truncated, and nobody takes the run for a success',
    async ([, replace]) => {
      const counting = await startCounting();
      const { sessionId, out, size } = counting;
      await server.signal('SIGKILL');
      replace(out);
      const foundBytes = sizeOf(out);
      await server.start();
      counting.open();
      const events = await readToExit(server.client, sessionId);
      expect(ofType(events, 'log.truncated').map(({ data }) => data)).toEqual([
        { stream: 'stdout', expectedBytes: size, foundBytes },
      ]);
      expectIntact(events, counting);
      expect(JSON.stringify(events)).not.toContain('stranger');
      // Where the agent writes now, nobody can look: what it says there is lost, its exit code is not.
      expect(outcomes(events)).toEqual([['failed', 'agent_crashed', expect.anything()]]);
      expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([5]);
    },
  );
});

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
