import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, exit, numbered, print, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import type { Identity } from '../../src/holder/identity.ts';
import { isAlive } from '../../src/holder/identity.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import { followUntil, isProcessExit, numbersIn, ofType, readPages } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

const holders = mkdtempSync(join(tmpdir(), 'drover-holders-'));
const previous = await compile('previous', '../fixtures/holders/layout-1.c');
const successor = await compile('successor', '../../holder/holder.c', '-DVERSION=3', '-DREADS=2');
const stranger = await compile('stranger', '../../holder/holder.c', '-DVERSION=3', '-DREADS=3');

let server: TestServer;

beforeEach(() => {
  server = new TestServer();
});

afterEach(() => server.dispose());
afterAll(() => rmSync(holders, { recursive: true }));

async function compile(name: string, source: string, ...flags: string[]): Promise<string> {
  const binary = join(holders, name);
  const path = fileURLToPath(new URL(source, import.meta.url));
  await promisify(execFile)('cc', ['-std=c11', '-O1', ...flags, '-o', binary, path]);
  return binary;
}

/** An agent that prints, waits for its gate, and prints again; resolves when its directory says who it is. */
async function start(...before: Step[]) {
  const sessionId = await server.session();
  const gate = `${server.place}/gate-${sessionId}`;
  const steps = [
    numbered(100),
    ...before,
    say('before'),
    waitForFile(gate),
    numbered(100),
    end({ answer: 'done' }),
    exit(5),
  ];
  const { run } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  const attempt = await until(
    async () => ofType(await readPages(server.client, sessionId), 'attempt.started')[0],
    'the attempt to be recorded',
  );
  const files = processFiles(server.processDirectory(attempt.data.processId));
  await until(
    () => existsSync(files.pid) && readFileSync(files.out, 'utf8').includes('"before"'),
    'the agent to speak',
  );
  const identity = JSON.parse(readFileSync(files.pid, 'utf8')) as Identity;
  return { sessionId, runId: run.id, files, identity, open: () => writeFileSync(gate, '') };
}

async function endOf({ sessionId }: { sessionId: string }) {
  const events = await followUntil(server.client, sessionId, isProcessExit);
  return {
    numbers: numbersIn(events),
    started: ofType(events, 'process.started').length,
    adopted: ofType(events, 'process.adopted').length,
    outcomes: ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.reason]),
    exits: ofType(events, 'process.exited').map(({ data }) => [data.code, data.isHolderLost]),
  };
}

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
const wholeLife = {
  started: 1,
  outcomes: [['succeeded', null]],
  exits: [[5, false]],
  numbers: [...hundred, ...hundred],
};

describe('what the previous release left behind', () => {
  test('is gone on with: every line once, every end as it was', async () => {
    await server.start({ DROVER_HOLDER: previous });
    const flood = print('0123456789'.repeat(100), { repeat: 4_000 });
    const [living, ended, lost, stopped, long] = await Promise.all([start(), start(), start(), start(), start(flood)]);
    expect(living.identity).toMatchObject({ version: 1 });
    expect(living.identity).not.toHaveProperty('reads');
    await server.signal('SIGKILL');
    ended.open();
    await until(() => existsSync(ended.files.exit), 'the exit record');
    process.kill(lost.identity.holder.pid, 'SIGKILL');

    await server.start();
    await server.client.stop(stopped.runId);
    living.open();
    expect(await endOf(living)).toEqual({ ...wholeLife, adopted: 1 });
    expect(await endOf(ended)).toEqual({ ...wholeLife, adopted: 0 });
    const cutOff = { started: 1, numbers: hundred };
    expect(await endOf(lost)).toMatchObject({
      ...cutOff,
      outcomes: [['failed', 'holder_lost']],
      exits: [[null, true]],
    });
    expect(await endOf(stopped)).toMatchObject({ ...cutOff, outcomes: [['stopped', null]] });

    await until(() => existsSync(long.files.outSealed), 'the long log to be sealed');
    // Whoever would take a hole for what an agent wrote must not take it up any more.
    expect(JSON.parse(readFileSync(long.files.pid, 'utf8'))).toEqual({ ...long.identity, version: 2, reads: 2 });
    long.open();
    expect(await endOf(long)).toEqual({ ...wholeLife, adopted: 1 });
    const raw = Buffer.from(await bytes(await server.client.rawLog(long.runId, 'stdout')));
    expect(raw.toString().split('0123456789'.repeat(100)).length - 1).toBe(4_000);
    expect(server.stderr).not.toContain('"level":50');
  });
});

describe('what the next release left behind', () => {
  test('is gone on with where it says that this one understands it', async () => {
    await server.start({ DROVER_HOLDER: successor });
    const [living, ended] = await Promise.all([start(), start()]);
    expect(living.identity).toMatchObject({ version: 3, reads: 2 });
    await server.signal('SIGKILL');
    ended.open();
    await until(() => existsSync(ended.files.exit), 'the exit record');
    await server.start();
    living.open();
    expect(await endOf(living)).toEqual({ ...wholeLife, adopted: 1 });
    expect(await endOf(ended)).toEqual({ ...wholeLife, adopted: 0 });
  });

  describe('and only a newer one understands', () => {
    test('is left alone, and taken up by a server that does', async () => {
      await server.start();
      const [known, strange, dead] = await Promise.all([start(), start(), start()]);
      await server.signal('SIGKILL');
      for (const { files, identity } of [strange, dead]) writeFileSync(files.pid, recordOf(identity, 3, 3));
      process.kill(dead.identity.holder.pid, 'SIGKILL');

      await server.start();
      known.open();
      expect(await endOf(known)).toEqual({ ...wholeLife, adopted: 1 });
      for (const { sessionId, runId, files } of [strange, dead]) {
        const refusal = { code: 'newer_layout', message: expect.stringContaining('start the newer release') as string };
        await expect(server.client.createRun(sessionId, { prompt: script(end()) })).rejects.toMatchObject(refusal);
        await expect(server.client.stop(runId)).rejects.toMatchObject(refusal);
        await expect(server.client.rawLog(runId, 'stdout')).rejects.toMatchObject(refusal);
        expect(await server.client.run(runId)).toMatchObject({ state: 'running', endedAt: null });
        const mentions = server.stderr
          .split('\n')
          .filter((line) => line.includes(files.pid) && line.includes('left alone'));
        expect(mentions).toHaveLength(1);
      }
      expect(isAlive(strange.identity.agent, strange.identity.boot)).toBe(true);

      await server.signal('SIGKILL');
      for (const { files, identity } of [strange, dead]) writeFileSync(files.pid, recordOf(identity, 3, 2));
      await server.start();
      strange.open();
      expect(await endOf(strange)).toEqual({ ...wholeLife, adopted: 1 });
      expect(await endOf(dead)).toMatchObject({ outcomes: [['failed', 'holder_lost']], numbers: hundred });
    });

    test('is not started a second time where it was being started', async () => {
      await server.start({ DROVER_HOLDER: stranger });
      const strange = await start();
      try {
        expect(strange.identity).toMatchObject({ version: 3, reads: 3 });
        await until(() => server.stderr.includes('left alone'), 'the process to be left alone');
        await server.crash();
        const refused = server.client.stop(strange.runId);
        await expect(refused).rejects.toMatchObject({ code: 'newer_layout' });
        expect(await server.client.run(strange.runId)).toMatchObject({ state: 'starting', attempts: 1 });
        const other = await start();
        other.open();
        expect(await endOf(other)).toEqual({ ...wholeLife, adopted: 0 });
        expect(isAlive(strange.identity.agent, strange.identity.boot)).toBe(true);
      } finally {
        writeFileSync(strange.files.pid, recordOf(strange.identity, 3, 2));
      }
    });
  });
});

function recordOf(identity: Identity, version: number, reads: number): string {
  return JSON.stringify({ ...identity, version, reads, somethingNew: [] });
}
