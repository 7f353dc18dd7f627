import { copyFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunId } from '../../src/contracts/ids.ts';
import { readIdentity } from '../../src/holder/identity.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import type { Failpoint } from '../../src/kernel/failpoint.ts';
import { followUntil, isProcessExit, ofType, readPages } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../fixtures/agents/prints-blocks.sh', import.meta.url));
const mebibyte = 1024 * 1024;
const linesOfBlock = 4_096;

let server: TestServer;

beforeEach(() => {
  const profiles = { blocks: { driver: 'scripted', options: { program } } };
  server = new TestServer({ config: { profiles, logLevel: 'warn' } });
});

afterEach(() => server.dispose());

/** An agent that prints a block of 1 MiB whenever it is told to. */
async function startPrinter() {
  const sessionId = await server.session('blocks');
  const { run } = await server.client.createRun(sessionId, { prompt: 'print' });
  const processId = await until(
    async () => (await readPages(server.client, sessionId)).find((event) => event.type === 'process.started')?.data,
    'the process to start',
  ).then((data) => data.processId);
  const files = processFiles(server.processDirectory(processId));
  let blocks = 0;
  return {
    ...{ sessionId, runId: run.id, files },
    blocks: () => blocks,
    print(count: number) {
      for (let printed = 0; printed < count; printed++) writeFileSync(join(server.place, `block-${++blocks}`), '');
    },
    printed: () => until(() => statSync(files.out).size >= blocks * mebibyte, `${blocks} blocks in the log`),
    end: () => writeFileSync(join(server.place, 'last'), ''),
  };
}

const diskBytes = (path: string) => (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;

const line = (number: number) => `line ${String(number).padStart(9, '0')} ${'0'.repeat(240)}\n`;

/** All that the agent writes in its life. */
function expectedLog(blocks: number): Buffer {
  const lines = Array.from({ length: blocks * linesOfBlock }, (_, index) => line(index + 1));
  return Buffer.from(
    [
      '{"type":"hello","version":"1","sessionId":"blocks","resumed":false}\n{"type":"turn_started","id":"turn"}\n',
      ...lines,
      '{"type":"turn_ended","outcome":"succeeded","reason":null,"message":null,"answer":"printed"}\n',
    ].join(''),
  );
}

/** The log over HTTP, from a byte on. */
async function download(runId: RunId, offset = 0): Promise<Buffer> {
  return Buffer.from(await bytes(await server.client.rawLog(runId, 'stdout', { offset })));
}

async function expectEveryLineOnce(sessionId: string, blocks: number): Promise<void> {
  const events = await followUntil(server.client, sessionId, isProcessExit);
  const found = ofType(events, 'agent.output').flatMap(({ data }) => data.text?.split('\n') ?? []);
  const expected = Array.from({ length: blocks * linesOfBlock }, (_, index) => line(index + 1).trimEnd());
  // Not by one comparison of a million lines, whose report nobody could read.
  expect(found.length).toBe(expected.length);
  expect(found.findIndex((text, index) => text !== expected[index])).toBe(-1);
  expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
    ['succeeded', 'printed'],
  ]);
}

describe('an agent that prints 64 MB', () => {
  test('costs what that compresses to while it lives, over crashes of the server, and every byte is there', async () => {
    await server.start();
    const agent = await startPrinter();
    for (let round = 0; round < 8; round++) {
      agent.print(8);
      await agent.printed();
      // What has been read of it, sealed and punched by now is for the next server to find out.
      if (round % 2 === 1) await server.crash();
    }
    await until(() => diskBytes(agent.files.out) < 3 * mebibyte, 'the log to be sealed');
    expect(statSync(agent.files.out).size).toBeGreaterThan(64 * mebibyte);
    expect(statSync(agent.files.outSealed).size).toBeLessThan(16 * mebibyte);
    if (readIdentity(agent.files.directory)?.append_only === true) {
      expect(() => truncateSync(agent.files.out)).toThrow('EPERM');
    }
    expect(statSync(agent.files.out).mode & 0o777).toBe(0o400);
    const log = expectedLog(64);
    const live = await download(agent.runId);
    expect(live.equals(log.subarray(0, live.length))).toBe(true);

    agent.end();
    await expectEveryLineOnce(agent.sessionId, 64);
    await until(() => diskBytes(agent.files.out) < 64 * 1024, 'the rest of the log to be sealed');
    expect((await download(agent.runId)).equals(log)).toBe(true);
    for (const offset of [1, mebibyte - 1, mebibyte, 63 * mebibyte + 7, log.length - 1]) {
      expect((await download(agent.runId, offset)).equals(log.subarray(offset))).toBe(true);
    }
    expect(server.stderr).not.toContain('"level":50');
  });

  test('and has ended when nobody could seal its log any more has it sealed by the next server', async () => {
    await server.start();
    const agent = await startPrinter();
    await server.signal('SIGKILL');
    agent.print(4);
    await agent.printed();
    agent.end();
    // Nobody closes its stdin now: it waits for the server that comes, which dies when the end is recorded.
    await server.start({ DROVER_FAILPOINT: 'end-recorded' });
    expect(await server.exited()).toBe('SIGKILL');
    expect(diskBytes(agent.files.out)).toBeGreaterThan(mebibyte);
    await server.start();
    await until(() => diskBytes(agent.files.out) < 64 * 1024, 'the log to be sealed');
    expect((await download(agent.runId)).equals(expectedLog(4))).toBe(true);
    await expectEveryLineOnce(agent.sessionId, 4);
  });
});

describe('a server that dies by kill -9', () => {
  const points: readonly (Failpoint | `${Failpoint}:${number}`)[] = [
    ...(['frame-written', 'frame-written:3', 'frame-sealed', 'frame-sealed:2'] as const),
    ...(['log-punched', 'log-punched:2'] as const),
  ];

  test.for(points)('right after "%s" loses and doubles nothing of a log that it was sealing', async (point) => {
    await server.start({ DROVER_FAILPOINT: point });
    const agent = await startPrinter();
    agent.print(6);
    await agent.printed();
    if (point === 'log-punched:2') agent.end();
    expect(await server.exited()).toBe('SIGKILL');
    await server.start();
    agent.end();
    await expectEveryLineOnce(agent.sessionId, 6);
    await until(() => diskBytes(agent.files.out) < 64 * 1024, 'the log to be sealed');
    expect((await download(agent.runId)).equals(expectedLog(6))).toBe(true);
  });
});

describe('a database that is older than what was sealed', () => {
  test('has its lines read again from the sealed frames', async () => {
    await server.start();
    const agent = await startPrinter();
    agent.print(1);
    await agent.printed();
    await server.signal('SIGKILL');
    const databases = readdirSync(server.dataDir).filter((name) => /\.db(-wal)?$/.test(name));
    for (const name of databases) copyFileSync(join(server.dataDir, name), join(server.place, name));

    await server.start();
    agent.print(9);
    await agent.printed();
    await until(() => diskBytes(agent.files.out) < 3 * mebibyte, 'the log to be punched');
    await server.signal('SIGKILL');
    for (const name of databases) copyFileSync(join(server.place, name), join(server.dataDir, name));

    await server.start();
    agent.end();
    await expectEveryLineOnce(agent.sessionId, 10);
    expect((await download(agent.runId)).equals(expectedLog(10))).toBe(true);
  });
});
