import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import {
  end,
  exit,
  hang,
  ignoreSignals,
  numbered,
  say,
  script,
  waitForFile,
} from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { foldTranscript } from '../../src/client/transcript.ts';
import { expectInOrder, followUntil, isProcessExit, numbersIn, ofType, readPages, readToExit } from './collect.ts';
import { compile } from './compile.ts';
import { TestServer } from './test-server.ts';

const day = 24 * 60 * 60;
/** So long that a test which needs it to pass does not end. */
const longMs = 3_600_000;

let server: TestServer;
let clock: string;
/** For the environment of the server. */
let shim: Readonly<Record<string, string>>;

beforeEach(() => {
  server = new TestServer();
  clock = join(server.place, 'clock');
  writeFileSync(clock, Buffer.alloc(8));
  shim = { LD_PRELOAD: compile('clock-shim', server.place, '-shared', '-fPIC'), CLOCK_SHIM: clock };
});

afterEach(() => server.dispose());

/** Starts the server with a wall clock that `jumpTo` moves; nothing else on the machine notices. */
async function start(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const settings = { warm: { maxProcesses: 0 }, ...config };
  writeFileSync(join(server.dataDir, 'config.yaml'), JSON.stringify(settings));
  await server.start(shim);
}

/** From now on the server's wall clock is so many seconds off the true time. */
function jumpTo(seconds: number): void {
  const offset = Buffer.alloc(8);
  offset.writeBigInt64LE(BigInt(seconds));
  // In place: the server looks at these very bytes.
  const file = openSync(clock, 'r+');
  writeSync(file, offset, 0, 8, 0);
  closeSync(file);
}

/** In whole days, how far an event's time is off the true one. */
const daysOff = ({ at }: Event) => Math.round((Date.parse(at) - Date.now()) / 1000 / day) || 0;

async function speaking(...steps: Step[]) {
  const sessionId = await server.session();
  const { run } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
  return { sessionId, runId: run.id };
}

const gate = (name: string) => join(server.place, name);
const open = (name: string) => writeFileSync(gate(name), '');

describe('a wall clock that jumps by a day while a run is going (FAULTS 19)', () => {
  test('changes what time events bear, and nothing of their order or number, for no reader', async () => {
    await start();
    const { sessionId, runId } = await speaking(
      numbered(20),
      waitForFile(gate('one')),
      numbered(20, { prefix: 'one' }),
      waitForFile(gate('two')),
      numbered(20, { prefix: 'two' }),
      waitForFile(gate('three')),
      end({ answer: 'counted' }),
    );
    const live = followUntil(server.client, sessionId, isProcessExit);
    const count = async (marker: string) =>
      followUntil(server.client, sessionId, (event) => JSON.stringify(event).includes(`"${marker}20"`));
    await count('');
    jumpTo(day);
    open('one');
    await count('one');
    jumpTo(-day);
    open('two');
    await count('two');
    // The next server comes at a time before its predecessor's.
    await server.signal('SIGKILL');
    jumpTo(-2 * day);
    await server.start(shim);
    open('three');

    const events = await readToExit(server.client, sessionId);
    expect(numbersIn(events)).toEqual([0, 0, 0].flatMap(() => Array.from({ length: 20 }, (_, line) => line + 1)));
    // Each day is there, in the order in which it came: the clock did jump, and nobody put the events into the order of time.
    expect(events.map(daysOff).filter((days, index, all) => days !== all[index - 1])).toEqual([0, 1, -1, -2]);
    expectInOrder(events);
    expectInOrder(await live);
    expect(foldTranscript(await live)).toEqual(foldTranscript(events));
    expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
      ['succeeded', 'counted'],
    ]);
    // What a run says of its times is the wall clock's: it may have ended before it began.
    const { startedAt, endedAt } = await server.client.run(runId);
    expect(Date.parse(endedAt ?? '')).toBeLessThan(Date.parse(startedAt ?? ''));
  });

  test.for([
    ['forwards', day],
    ['backwards', -day],
  ] as const)('%s neither hastens nor delays what ends an agent that does not leave', async ([, seconds]) => {
    await start({ stopGraceMs: 300, closeGraceMs: 300 });
    // After its turn: `closeGraceMs`, then as for any stop `stopGraceMs`.
    const over = await speaking(ignoreSignals('SIGTERM'), say('over'), waitForFile(gate('over')), end(), hang());
    const stopped = await speaking(ignoreSignals('SIGTERM'), say('ready'), hang());
    open('over');
    await followUntil(server.client, over.sessionId, (event) => event.type === 'run.ended');
    jumpTo(seconds);
    await server.client.stop(stopped.runId);
    jumpTo(-seconds);
    for (const { sessionId } of [over, stopped]) {
      const events = await readToExit(server.client, sessionId);
      expect(ofType(events, 'process.exited').map(({ data }) => data.signal)).toEqual(['SIGKILL']);
    }
    expect((await server.client.run(over.runId)).state).toBe('succeeded');
    expect((await server.client.run(stopped.runId)).state).toBe('stopped');
  });

  test('forwards leaves an agent the hour that it was given to leave by itself', async () => {
    await start({ stopGraceMs: longMs, closeGraceMs: longMs });
    const { sessionId } = await speaking(
      say('over'),
      waitForFile(gate('over')),
      end({ answer: 'over' }),
      waitForFile(gate('leave')),
      exit(9),
    );
    open('over');
    await followUntil(server.client, sessionId, (event) => event.type === 'run.ended');
    jumpTo(day);
    // Another life of an agent from its start to its end: whatever timer had become due has fired by then.
    const other = await speaking(say('meanwhile'), end());
    await readToExit(server.client, other.sessionId);
    await server.signal('SIGKILL');
    await server.start(shim);
    open('leave');
    const events = await readToExit(server.client, sessionId);
    expect(ofType(events, 'process.exited').map(({ data }) => [data.code, data.signal])).toEqual([[9, null]]);
  });

  test('leaves lists newest first, ids apart from each other, and a key that was used is used', async () => {
    await start();
    const sessions: string[] = [];
    const runs: string[] = [];
    const keyed = { prompt: script(say('once'), end()) };
    for (const seconds of [0, day, -day, 0]) {
      jumpTo(seconds);
      const sessionId = await server.session();
      const [first = sessionId] = sessions;
      sessions.push(sessionId);
      const { run } = await server.client.createRun(sessionId, { prompt: script(say('hello'), end()) });
      const repeated = await server.client.createRun(first, keyed, { idempotencyKey: 'the-key' });
      expect(repeated.isRepeated).toBe(sessions.length > 1);
      runs.push(run.id, ...(repeated.isRepeated ? [] : [repeated.run.id]));
    }
    expect((await server.client.sessions()).map(({ id }) => id)).toEqual(sessions.toReversed());
    expect((await server.client.runs()).map(({ id }) => id)).toEqual(runs.toReversed());
    expect(new Set(runs)).toHaveLength(5);
    // The ids themselves bear the wrong day, which is why no list goes by them.
    expect(sessions.toSorted()).not.toEqual(sessions);
    for (const sessionId of sessions) expectInOrder(await readPages(server.client, sessionId));
  });
});
