import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadableStream } from 'node:stream/web';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { end, numbered, plan, print, promptDigest, say, script, tool } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import { followUntil, ofType, readToExit } from './collect.ts';
import { Onlooker } from './onlooker.ts';
import { isRunning, residentBytes } from './processes.ts';
import { startServer, type TestServer } from './test-server.ts';
import { until } from './until.ts';

/** Its terminal can do so little that a shell writes nothing but what one reads. */
const env = { TERM: 'dumb' };
const command = (...argv: string[]) => ({
  driver: 'command',
  options: { command: argv, prompt: 'none', env },
  transport: 'pty',
});

const profiles = {
  shell: command('bash', '--norc', '--noprofile'),
  flood: command('sh', '-c', 'head -c 60000000 /dev/zero | tr "\\0" x; echo; echo done'),
  scripted: { driver: 'scripted' },
  'scripted-pty': { driver: 'scripted', transport: 'pty' },
};

let server: TestServer;
const onlookers: Onlooker[] = [];

beforeAll(async () => {
  server = await startServer({ config: { profiles, stopGraceMs: 300 } });
});
afterEach(() => {
  for (const { terminal } of onlookers.splice(0)) terminal.close();
});
afterAll(() => server.dispose());

async function start(profile: string, prompt = 'go') {
  const sessionId = await server.session(profile);
  const { run } = await server.client.createRun(sessionId, { prompt });
  const events = await followUntil(server.client, sessionId, ({ type }) => type === 'process.started');
  const [started] = ofType(events, 'process.started');
  if (started === undefined) throw new Error('The process did not start');
  return { sessionId, runId: run.id, processId: started.data.processId, pid: started.data.pid };
}

function lookOn(
  ...args: ConstructorParameters<typeof Onlooker> extends [unknown, ...infer Rest] ? Rest : never
): Onlooker {
  const onlooker = new Onlooker(server.client, ...args);
  onlookers.push(onlooker);
  return onlooker;
}

async function rawLog(runId: string): Promise<Buffer> {
  return buffer((await server.client.rawLog(runId, 'stdout')) as ReadableStream);
}

describe('a shell on a terminal', () => {
  test('shows what is typed to all, takes it from one, and is taken over', async () => {
    const { runId, sessionId } = await start('shell');
    const one = lookOn(runId, { write: true });
    await one.heard((notice) => notice.type === 'terminal' && notice.isWriter);
    const other = lookOn(runId, { write: true });
    expect(await other.heard(({ type }) => type === 'terminal')).toMatchObject({
      isWriter: false,
      rows: 50,
      cols: 200,
    });
    await one.type('echo $((6*7))\r');
    await Promise.all([one.saw('\r\n42\r\n'), other.saw('\r\n42\r\n')]);

    await other.type('echo never\r');
    await other.heard((notice) => notice.type === 'error' && notice.problem.code === 'wrong_state');
    other.terminal.take({ steal: true });
    await one.heard((notice) => notice.type === 'writer' && !notice.isWriter);
    other.terminal.resize({ rows: 33, cols: 77 });
    await one.heard((notice) => notice.type === 'resized' && notice.cols === 77);
    await other.type('stty size\r');
    await one.saw('\r\n33 77\r\n');
    await other.type('exit 0\r');
    await Promise.all([one.done, other.done]);
    expect(one.notices.at(-1)).toMatchObject({ type: 'ended', state: 'succeeded', size: one.bytes.length });
    expect(one.bytes.toString()).not.toContain('never');

    const log = await rawLog(runId);
    expect([one.bytes.equals(log), other.bytes.equals(log)]).toEqual([true, true]);
    const late = lookOn(runId, { from: -20, write: true });
    await late.done;
    expect(late.bytes.equals(log.subarray(-20))).toBe(true);
    expect(late.notices[0]).toMatchObject({ offset: log.length - 20, size: log.length, isWriter: false });

    const ranges = ofType(await readToExit(server.client, sessionId), 'terminal.output').map(({ data }) => data);
    expect(ranges.reduce((at, { offset, length }) => (offset === at ? at + length : NaN), 0)).toBe(log.length);
  });

  test('goes on when the server dies by kill -9, and nothing of it is lost or comes twice', async () => {
    const { runId, sessionId, pid } = await start('shell');
    const onlooker = lookOn(runId, { write: true });
    await onlooker.type('echo pid=$$=\r');
    await onlooker.saw(`pid=${pid}=\r\n`);
    await onlooker.type('for i in $(seq 1 300); do echo line $i; sleep 0.01; done\r');
    await onlooker.saw('line 50\r\n');
    await server.crash();
    await onlooker.saw('line 300\r\n');
    await until(() => onlooker.notices.filter(({ type }) => type === 'terminal').length === 2, 'another connection');
    expect(onlooker.notices.at(-1)).toMatchObject({ isWriter: true });
    await onlooker.type('echo again=$$=; exit\r');
    await onlooker.saw(`again=${pid}=\r\n`);
    await onlooker.done;
    expect(onlooker.bytes.equals(await rawLog(runId))).toBe(true);
    const events = await readToExit(server.client, sessionId);
    const ranges = ofType(events, 'terminal.output').map(({ data }) => data);
    expect(ranges.reduce((at, { offset, length }) => (offset === at ? at + length : NaN), 0)).toBe(
      onlooker.bytes.length,
    );
    expect(ofType(events, 'process.adopted')).toHaveLength(1);
    expect(isRunning(pid)).toBe(false);
  });

  test('is told once and in order what is typed, however often the server dies', async () => {
    const { runId } = await start('shell');
    const onlooker = lookOn(runId, { write: true });
    for (let number = 0; number < 300; number += 1) {
      await onlooker.type(`echo n=${number}=\r`);
      if (number % 100 === 50) await server.crash();
      else await sleep(3);
    }
    await until(async () => {
      onlooker.terminal.type(Buffer.from('exit\r'));
      return (await server.client.run(runId)).endedAt;
    }, 'the shell to exit');
    await onlooker.done;
    const numbers = [...onlooker.bytes.toString().matchAll(/^n=(\d+)=\r$/gm)].map(([, digits]) => Number(digits));
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  });

  test('stops with its run', async () => {
    const { runId } = await start('shell');
    const onlooker = lookOn(runId);
    await onlooker.saw('bash');
    await server.client.stop(runId);
    await onlooker.done;
    expect(onlooker.notices.at(-1)).toMatchObject({ type: 'ended', state: 'stopped' });
  });
});

test('who takes long has all of it in the end, and costs the server nothing meanwhile', async () => {
  const { runId, processId } = await start('flood');
  const address = `${server.url.replace('http', 'ws')}/v1/runs/${runId}/terminal?from=0`;
  const slow = new WebSocket(address, ['drover.v1', `drover.token.${server.token}`]);
  let seen = 0;
  slow.on('message', (data: Buffer, isBinary) => {
    if (isBinary) seen += data.length;
  });
  slow.once('open', () => slow.pause());
  const before = residentBytes(server.pid);
  const out = processFiles(server.processDirectory(processId)).out;
  await until(async () => (await server.client.run(runId)).endedAt !== null, 'the flood to end');
  expect(residentBytes(server.pid) - before).toBeLessThan(80 * 1024 * 1024);
  slow.resume();
  const [code] = await new Promise<[number]>((resolve) => slow.once('close', (...args) => resolve([args[0]])));
  expect([code, seen]).toEqual([1000, readFileSync(out).length]);

  // The client gives the connection up when too much waits for who reads, and comes back.
  const sipper = new Onlooker(server.client, runId, { maxWaitingBytes: 256 * 1024 }, () => sleep(1));
  await sipper.done;
  expect(sipper.bytes.length).toBe(seen);
  expect(sipper.notices.filter(({ type }) => type === 'terminal').length).toBeGreaterThan(2);
});

describe('an agent with a protocol', () => {
  /** What happened, without what is different each time. */
  async function played(profile: string, prompt: string): Promise<unknown[]> {
    const sessionId = await server.session(profile);
    await server.client.createRun(sessionId, { prompt });
    const events = await readToExit(server.client, sessionId);
    const isTold = ({ type }: Event) => !type.startsWith('process.') && type !== 'agent_message_chunk';
    const withoutIds = JSON.stringify(events.filter(isTold).map(({ type, data }) => ({ type, data })));
    return JSON.parse(
      withoutIds.replace(
        /"(?:prc|ses|run|att)_[0-9a-f-]+"|"(?:m|t|c)?\w+-\d+"|"scripted-[^"]*"|"\/[^"]*workspace[^"]*"/g,
        '"…"',
      ),
    ) as unknown[];
  }

  test('says on a terminal what it says on a pipe, also with a prompt of a megabyte', async () => {
    const noise = print('\x1b[?25l\x1b]0;working\x07');
    const steps = [say('é\u2028🐑 '.repeat(1_000)), plan({ content: 'a', priority: 'high', status: 'pending' })];
    const prompts = [
      script(...steps, tool('Build', { output: 'x'.repeat(10_000) }), numbered(200), end({ answer: 'done' })),
      script(say('x'.repeat(1_000_000)), promptDigest()),
    ];
    for (const prompt of prompts) {
      const [piped, shown] = [await played('scripted', prompt), await played('scripted-pty', prompt)];
      expect(shown.length).toBeGreaterThan(5);
      const withoutProfile = (events: unknown[]) =>
        events.filter((event) => (event as Event).type !== 'session.created');
      expect(withoutProfile(shown)).toEqual(withoutProfile(piped));
    }
    const noisy = await played('scripted-pty', script(noise, say('heard')));
    expect(JSON.stringify(noisy)).not.toContain('agent.output');
  });
});
