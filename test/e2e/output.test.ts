import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { bytes } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, escape, exit, numbered, print, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { residentBytes } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

async function play(...steps: Step[]) {
  const sessionId = await server.session();
  const {
    run: { id },
  } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  return { sessionId, runId: id };
}

const outputs = (events: Awaited<ReturnType<typeof followUntil>>) =>
  ofType(events, 'agent.output').map(({ data }) => data);

describe('an agent that exits while a grandchild keeps its stdout open (FAULTS 10)', () => {
  test('has its run ended by the exit record, and leaves nothing behind', async () => {
    const pidsTo = `${server.place}/escaped`;
    const { sessionId } = await play(
      escape(['setsid', 'hold-stdout', 'ignore-term'], { pidsTo }),
      say('gone'),
      exit(0),
    );
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'failed', reason: 'no_terminal_event' });
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: 0, left: 1 });
    const [pid] = readFileSync(pidsTo, 'utf8').split(/\s+/);
    expect(() => readFileSync(`/proc/${pid ?? ''}/environ`)).toThrow();
  });
});

describe('a half-written last line (FAULTS 13)', () => {
  test('that is completed after a crash is one event', async () => {
    const gate = `${server.place}/gate`;
    const { sessionId } = await play(
      say('first'),
      print('half of ', { newline: false }),
      waitForFile(gate),
      print('a line'),
      end(),
    );
    await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
    await server.crash();
    writeFileSync(gate, '');
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(outputs(events)).toEqual([{ stream: 'stdout', text: 'half of a line' }]);
  });

  test('that is never completed is there as partial output', async () => {
    const { sessionId } = await play(say('first'), print('never finished', { newline: false }), exit(0));
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(outputs(events)).toEqual([{ stream: 'stdout', text: 'never finished', isPartial: true }]);
  });
});

describe('output that no driver expects (FAULTS 14)', () => {
  test('binary garbage, invalid UTF-8, NUL, CRLF, a byte order mark and lone surrogates are kept byte for byte', async () => {
    const garbage = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]),
      Buffer.from('\r\n\uFEFFbom\n'),
      Buffer.from('{"type":"text","text":"\\ud800"}\n'),
      Buffer.from([0xed, 0xa0, 0x80, 0x0a]),
    ]);
    const { sessionId, runId } = await play(print(garbage, { newline: false }), say('after it'), end());
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'after it' });
    const raw = Buffer.from(await bytes(await server.client.rawLog(runId, 'stdout')));
    expect(raw.includes(garbage)).toBe(true);
    for (const { raw: place } of ofType(events, 'agent.output')) {
      if (place === undefined) throw new Error('Unrecognised output must say where it stands');
      expect(garbage.includes(raw.subarray(place.offset, place.offset + place.length))).toBe(true);
    }
  });

  test('a character cut by the edge of a read is whole in its event', async () => {
    // 64 KiB are read at a time; an odd number of bytes before it puts one of the two-byte characters across the edge.
    const text = `x${'é'.repeat(100_000)}`;
    const { sessionId } = await play(print(text), end());
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(outputs(events).map((data) => data.text)).toEqual([text]);
  });

  test('a line of 100 MB costs little memory, delays nobody, and can be downloaded whole', async () => {
    const before = residentBytes(server.pid);
    const long = await play(print('0123456789'.repeat(100), { repeat: 100_000 }), end());
    const other = await server.session();
    const progress = { isOver: false };
    let answered = 0;
    const over = followUntil(server.client, long.sessionId, isProcessExit).finally(() => (progress.isOver = true));
    for (; !progress.isOver; answered++) await server.client.session(other);
    const events = await over;
    expect(outputs(events)).toEqual([{ stream: 'stdout', text: null }]);
    const [output] = ofType(events, 'agent.output');
    expect(output?.raw?.length).toBe(100_000_001);
    expect(residentBytes(server.pid) - before).toBeLessThan(120 * 1024 * 1024);
    const raw = Buffer.from(await bytes(await server.client.rawLog(long.runId, 'stdout')));
    const line = raw.subarray(output?.raw?.offset, (output?.raw?.offset ?? 0) + 100_000_001);
    expect(digest(line)).toBe(digest(Buffer.from(`${'0123456789'.repeat(10_000_000)}\n`)));
    // Nobody is shut out meanwhile: with the line in memory, or parsed, only one or two would have been answered.
    expect(answered).toBeGreaterThan(20);
  });

  test('does not keep other runs from going on', async () => {
    const noisy = await play(print('noise', { repeat: 20_000 }), end());
    const { sessionId } = await play(numbered(100), end({ answer: 'counted' }));
    const events = await followUntil(server.client, sessionId, isProcessExit);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'counted' });
    await until(async () => (await server.client.run(noisy.runId)).state === 'succeeded', 'the noisy run to end');
  });
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
