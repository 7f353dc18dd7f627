import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, exit, numbered, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import { followUntil, numbersIn, ofType, readToExit } from './collect.ts';
import { execute, stateOf } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;
let gate: string;

beforeEach(() => {
  server = new TestServer();
  gate = join(server.place, 'gate');
});

afterEach(() => server.dispose());

const counting = () => script(numbered(30), waitForFile(gate), numbered(300), end({ answer: 'counted' }), exit(4));

async function expectCounted(sessionId: string): Promise<void> {
  const events = await readToExit(server.client, sessionId);
  expect(numbersIn(events)).toEqual([...upTo(30), ...upTo(300)]);
  expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
    ['succeeded', 'counted'],
  ]);
  expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([4]);
}

const firstNumbers = (sessionId: string) =>
  followUntil(server.client, sessionId, (event) => numbersIn([event]).at(-1) === 30);

describe('a server that inotify tells nothing (FAULTS 17)', () => {
  // A user namespace has limits of its own: nobody else on the machine notices.
  const limit = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"';
  const noWatches = ['unshare', '--user', '--map-root-user', 'sh', '-c', limit, 'sh'] as const;

  test('for want of watches still reads every line, also when it comes back', async () => {
    server.wrapper = noWatches;
    const watch = `try { fs.watch('/tmp') } catch (error) { console.log(error.code) }`;
    expect(execute(...noWatches, process.execPath, '-e', watch).stdout).toBe('ENOSPC\n');

    await server.start();
    const sessionId = await server.session();
    await server.client.createRun(sessionId, { prompt: counting() });
    await firstNumbers(sessionId);
    await server.crash();
    writeFileSync(gate, '');
    await expectCounted(sessionId);
  });

  test('because its queue has overflowed still reads every line and finds the end', async () => {
    await server.start();
    const sessionId = await server.session();
    await server.client.createRun(sessionId, { prompt: counting() });
    const [started] = ofType(await firstNumbers(sessionId), 'process.started');
    const files = processFiles(server.processDirectory(started?.data.processId ?? ''));
    // The next server is not the holder's parent: only a look can tell it of the end.
    await server.crash();
    await followUntil(server.client, sessionId, (event) => event.type === 'process.adopted');
    const queued = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));

    process.kill(server.pid, 'SIGSTOP');
    await until(() => stateOf(server.pid) === 'T', 'the server to stand still');
    // Of files that the server itself writes. In turns: equal events that follow each other are one.
    for (let told = 0; told <= queued; told++) utimesSync(told % 2 === 0 ? files.in : files.ctl, 0, 0);
    // Nothing of all that follows is told any more.
    writeFileSync(gate, '');
    await until(() => isThere(files.exit), 'the agent to end');
    process.kill(server.pid, 'SIGCONT');
    await expectCounted(sessionId);
  });
});

function isThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, line) => line + 1);
}
