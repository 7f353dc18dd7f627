import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Escape, Step } from '../../src/agents/scripted/script.ts';
import { end, escape, exit, hang, ignoreSignals, run, say, script } from '../../src/agents/scripted/script.ts';
import { readIdentity } from '../../src/holder/identity.ts';
import { ownCgroup } from '../../src/holder/own-cgroup.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, ofType, readToExit } from './collect.ts';
import { compile } from './compile.ts';
import { execute, isRunning, pidsIn } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;
let leash: string;
let pidsTo: string;

beforeEach(() => {
  server = new TestServer({ config: { stopGraceMs: 200 } });
  leash = join(server.place, 'leash');
  pidsTo = join(server.place, 'escaped');
});

afterEach(async () => {
  // Whatever went wrong, the bomb goes out now.
  rmSync(leash, { force: true });
  await server.dispose();
});

/** A fork bomb of 12 chains, in sessions of their own and without a variable of the agent's environment. */
function bomb(): Step {
  writeFileSync(leash, '');
  return run('/usr/bin/env', '-i', compile('fork-bomb', server.place), leash, '12');
}

/** Whether a link of the bomb is there: they all hold a lock. */
function isBurning(): boolean {
  return execute('flock', '--nonblock', leash, 'true').status !== 0;
}

const everyWay: readonly Escape[] = ['setsid', 'double-fork', 'scrub-env', 'ignore-term'];

/** Starts a run and resolves when it has said something. */
async function speaking(...steps: Step[]) {
  const sessionId = await server.session();
  const { run } = await server.client.createRun(sessionId, { prompt: script(...steps) });
  const events = await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
  const [started] = ofType(events, 'process.started');
  if (started === undefined) throw new Error('The process did not start');
  return { sessionId, runId: run.id, ...started.data };
}

/** Where the server finds no cgroup, it must do with what `/proc` tells. */
const noCgroup = ['unshare', '--mount', 'sh', '-c', 'umount -l "$0" && exec "$@"', cgroupMount()];

describe('a fork bomb (FAULTS 9)', () => {
  test.for([
    ['in a cgroup', []],
    ['where there is no cgroup', noCgroup],
  ] as const)('%s is stopped with its agent, to the last process', async ([where, wrapper]) => {
    server.wrapper = wrapper;
    await server.start();
    const { sessionId, runId, processId } = await speaking(bomb(), say('lit'), hang());
    const { cgroup } = readIdentity(server.processDirectory(processId)) ?? {};
    expect(cgroup !== null).toBe(where === 'in a cgroup');
    expect(isBurning()).toBe(true);
    await server.client.stop(runId);
    const events = await readToExit(server.client, sessionId);
    expect(isBurning()).toBe(false);
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['stopped']);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ signal: 'SIGTERM', isHolderLost: false });
    expect(typeof cgroup === 'string' && existsSync(cgroup)).toBe(false);
  });

  test('that an agent leaves behind is put out before its process counts as ended', async () => {
    await server.start();
    const { sessionId } = await speaking(bomb(), say('lit'), end({ answer: 'innocent' }), exit(0));
    const events = await readToExit(server.client, sessionId);
    expect(isBurning()).toBe(false);
    expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
      ['succeeded', 'innocent'],
    ]);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: 0, signal: null });
  });

  test('outlives neither the holder, nor a server that was killed meanwhile', async () => {
    await server.start();
    const { sessionId, processId, pid } = await speaking(bomb(), say('lit'), hang());
    await server.signal('SIGKILL');
    expect(isBurning()).toBe(true);
    const identity = readIdentity(server.processDirectory(processId));
    process.kill(identity?.holder.pid ?? 0, 'SIGKILL');
    await until(() => !isRunning(pid), 'the agent to die with its holder');
    await server.start();
    const events = await readToExit(server.client, sessionId);
    expect(isBurning()).toBe(false);
    expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.reason])).toEqual([
      ['failed', 'holder_lost'],
    ]);
  });
});

describe('descendants that hide (FAULTS 9)', () => {
  test.for<[string, readonly Escape[]]>([
    ...everyWay.map((way): [string, Escape[]] => [way, [way]]),
    ['all', everyWay],
  ])('by %s end with an agent that exits by itself', async ([, how]) => {
    server.wrapper = noCgroup;
    await server.start();
    const { sessionId, processId } = await speaking(
      escape(how, { count: 3, pidsTo }),
      say('gone'),
      end({ answer: 'gone' }),
      exit(0),
    );
    const events = await readToExit(server.client, sessionId);
    expect(pidsIn(pidsTo)).toHaveLength(3);
    expect(pidsIn(pidsTo).filter(isRunning)).toEqual([]);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: 0, left: 3 });
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'gone' });
    expect(findByCookie().has(processId)).toBe(false);
  });

  test('in every way at once end with their holder, by the cgroup that they cannot leave', async () => {
    await server.start();
    const { sessionId, processId, pid } = await speaking(
      ignoreSignals('SIGTERM'),
      escape(everyWay, { count: 3, pidsTo }),
      say('ready'),
      hang(),
    );
    const identity = readIdentity(server.processDirectory(processId));
    process.kill(identity?.holder.pid ?? 0, 'SIGKILL');
    const events = await readToExit(server.client, sessionId);
    expect(pidsIn(pidsTo)).toHaveLength(3);
    expect([pid, ...pidsIn(pidsTo)].filter(isRunning)).toEqual([]);
    expect(existsSync(identity?.cgroup ?? '')).toBe(false);
    expect(ofType(events, 'run.ended')[0]?.data).toMatchObject({ outcome: 'failed', reason: 'holder_lost' });
  });
});

describe('a descendant that gets the pid of its agent (FAULTS 9)', () => {
  test('when that has gone does not pass for it', async () => {
    const samePid = compile('same-pid', server.place);
    await server.start();
    const { sessionId, processId, pid } = await speaking(run(samePid), say('gone'), end(), exit(7));
    const events = await readToExit(server.client, sessionId);
    expect(ofType(events, 'process.exited').map(({ data }) => [data.code, data.signal, data.left])).toEqual([
      [7, null, 1],
    ]);
    expect(isRunning(pid)).toBe(false);
    expect(findByCookie().has(processId)).toBe(false);
  });
});

function cgroupMount(): string {
  const own = ownCgroup();
  if (own === null) throw new Error('These tests need cgroup v2');
  return execute('stat', '--format=%m', own).stdout.trim();
}
