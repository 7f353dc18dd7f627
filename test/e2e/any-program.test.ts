import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import {
  end,
  exit,
  numbered,
  plan,
  say,
  script,
  think,
  tool,
  usage,
  waitForFile,
} from '../../src/agents/scripted/script.ts';
import { foldTranscript } from '../../src/client/transcript.ts';
import { isProcessExit, ofType, readPages, readToExit } from './collect.ts';
import { Reader } from './reader.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

const runs = Number(process.env['DROVER_PROPERTY_RUNS'] ?? 6);
const seed = Number(process.env['DROVER_PROPERTY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

type Action =
  /** `kill -9` or SIGTERM, and a new server on the same directory. */
  | { readonly do: 'restart'; readonly signal: 'SIGKILL' | 'SIGTERM' }
  /** The agent goes on to its next gate; nothing else happens before it has said something, if that is awaited. */
  | { readonly do: 'let-on'; readonly isAwaited: boolean }
  | { readonly do: 'drop' | 'stream' | 'socket'; readonly reader: number }
  /** One page, instead of the stream or the socket where the reader was on that. */
  | { readonly do: 'page'; readonly reader: number; readonly limit: number };

const readerCount = 4;
const reader = fc.nat(readerCount - 1);
const signal = fc.constantFrom('SIGKILL' as const, 'SIGTERM' as const);
const limit = fc.integer({ min: 1, max: 12 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), signal }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('let-on' as const), isAwaited: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('drop' as const), reader }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('stream' as const, 'socket' as const), reader }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('page' as const), reader, limit }) },
);

const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });
const chunks = fc.integer({ min: 1, max: 20 });
const delayMs = fc.nat(3);
const utterance: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(text, chunks, delayMs).map(([said, pieces, pause]) => say(said, { chunks: pieces, delayMs: pause })),
  fc.tuple(text, chunks, delayMs).map(([said, pieces, pause]) => think(said, { chunks: pieces, delayMs: pause })),
  fc.tuple(text, chunks).map(([said, pieces]) => say(said, { chunks: pieces, leaveOpen: true })),
  fc.integer({ min: 1, max: 80 }).map((count) => numbered(count, { as: 'chunks', everyMs: 1 })),
  fc.integer({ min: 1, max: 80 }).map((count) => numbered(count, { burst: 10, everyMs: 1 })),
  fc.tuple(text, text).map(([title, output]) => tool(title, { output, delayMs: 2 })),
  fc.constant(tool('open', { leaveOpen: true })),
  text.map((content) => plan({ content, priority: 'high', status: 'pending' })),
  fc.nat(100).map((outputTokens) => usage({ outputTokens })),
);

const program = fc.record({
  /** What the agent says between one gate and the next. */
  parts: fc.array(fc.array(utterance, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 6 }),
  actions: fc.array(action, { minLength: 6, maxLength: 18 }),
});

test(
  `readers that come, go and change their transport, over restarts of the server, all have the transcript of the log (seed ${seed}, ${runs} programs)`,
  async () => {
    await fc.assert(fc.asyncProperty(program, play), { seed, numRuns: runs, endOnFailure: true });
  },
  120_000 + runs * 20_000,
);

async function play({ parts, actions }: { parts: readonly (readonly Step[])[]; actions: readonly Action[] }) {
  const server = new TestServer({ config: { closeGraceMs: 60_000 } });
  const readers: Reader[] = [];
  try {
    await server.start();
    const sessionId = await server.session();
    for (let count = 0; count < readerCount; count++) readers.push(new Reader(server, sessionId));
    const gates = parts.map((_, index) => join(server.place, `gate-${index}`));
    const steps = parts.flatMap((part, index) => [waitForFile(gates[index] ?? ''), ...part]);
    await server.client.createRun(sessionId, { prompt: script(...steps, end({ answer: 'done' }), exit(3)) });

    for (const action of actions) {
      switch (action.do) {
        case 'restart':
          await server.signal(action.signal);
          await server.start();
          break;
        case 'let-on':
          await letOn(server, sessionId, gates.shift(), action.isAwaited);
          break;
        case 'drop':
          await readers[action.reader]?.drop();
          break;
        case 'stream':
        case 'socket':
          await readers[action.reader]?.follow(action.do);
          break;
        case 'page':
          await readers[action.reader]?.page(action.limit);
      }
    }
    for (const gate of gates) writeFileSync(gate, '');

    const log = await readToExit(server.client, sessionId);
    const transcript = foldTranscript(log);
    for (const reader of readers) {
      await reader.readUntil(isProcessExit);
      expect(foldTranscript(reader.events)).toEqual(transcript);
    }
    expect(foldTranscript(await readPages(server.client, sessionId, 7))).toEqual(transcript);
    expect(ofType(log, 'attempt.started')).toHaveLength(1);
    expect(ofType(log, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([['succeeded', 'done']]);
    expect(ofType(log, 'process.exited').map(({ data }) => data.code)).toEqual([3]);
    expect(errorsIn(server.stderr)).toEqual([]);
  } finally {
    // What a reader met with has been told above, or comes of the end itself.
    await Promise.allSettled(readers.map((reader) => reader.drop()));
    await server.dispose();
  }
}

/** That a server which is told to leave does not start another agent is no error. */
function errorsIn(log: string): string[] {
  return log.split('\n').filter((line) => line.includes('"level":50') && !line.includes('"code":"shutting_down"'));
}

async function letOn(server: TestServer, sessionId: string, gate: string | undefined, isAwaited: boolean) {
  if (gate === undefined) return;
  const { cursor } = await server.client.session(sessionId);
  writeFileSync(gate, '');
  if (!isAwaited) return;
  await until(async () => (await server.client.session(sessionId)).cursor !== cursor, 'the agent to say something');
}
