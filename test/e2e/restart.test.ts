import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { bytes } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { end, escape, exit, ignoreSignals, say, script, waitForFile } from '../../src/agents/scripted/script.ts';
import type { RunId } from '../../src/contracts/ids.ts';
import { isAlive, processStart, readIdentity } from '../../src/holder/identity.ts';
import { processFiles } from '../../src/holder/process-directory.ts';
import { followUntil, ofType, readPages, readToExit } from './collect.ts';
import { isRunning, pidsIn, stateOf } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

/** A run that has spoken and then waits for the test to let it go on; resolves when it has spoken. */
async function startWaiting(...before: Step[]) {
  const sessionId = await server.session();
  const gate = `${server.place}/gate-${sessionId}`;
  const prompt = script(...before, say('before the gate'), waitForFile(gate), say('behind the gate'), end(), exit(5));
  const { run } = await server.client.createRun(sessionId, { prompt });
  const events = await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
  const [started] = ofType(events, 'process.started');
  if (started === undefined) throw new Error('The process did not start');
  return { sessionId, runId: run.id, processId: started.data.processId, open: () => writeFileSync(gate, '') };
}

async function endOf(sessionId: string) {
  const events = await readToExit(server.client, sessionId);
  return {
    events,
    outcomes: ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.reason]),
    exits: ofType(events, 'process.exited').map(({ data }) => [data.code, data.signal, data.isHolderLost]),
    said: ofType(events, 'message.completed').flatMap(({ data }) =>
      data.content.map((block) => block.type === 'text' && block.text),
    ),
  };
}

describe('a server that is told to leave (FAULTS 3)', () => {
  test.for(['SIGTERM', 'SIGINT'] as const)(
    'by %s leaves its agents running, and the next one goes on with them',
    async (signal) => {
      const { sessionId, processId, open } = await startWaiting();
      expect(await server.signal(signal)).toBe(0);
      const identity = readIdentity(server.processDirectory(processId));
      expect(identity !== null && isAlive(identity.agent, identity.boot)).toBe(true);

      await server.start();
      const adopted = await followUntil(server.client, sessionId, (event) => event.type === 'process.adopted');
      expect(adopted.at(-1)?.data).toMatchObject({ processId, pid: identity?.agent.pid });
      open();
      const { outcomes, exits, said } = await endOf(sessionId);
      expect(outcomes).toEqual([['succeeded', null]]);
      expect(exits).toEqual([[5, null, false]]);
      expect(said).toEqual(['before the gate', 'behind the gate']);
    },
  );

  test('takes up what an agent did and how it ended while no server was there', async () => {
    const { sessionId, processId, open } = await startWaiting();
    await server.signal('SIGTERM');
    open();
    // Nobody closes the agent's stdin now, but it exits by itself.
    await until(() => existsNow(processFiles(server.processDirectory(processId)).exit), 'the exit record');
    await server.start();
    const { outcomes, exits, said } = await endOf(sessionId);
    expect(outcomes).toEqual([['succeeded', null]]);
    expect(exits).toEqual([[5, null, false]]);
    expect(said).toEqual(['before the gate', 'behind the gate']);
  });

  test('twice in a row by SIGINT goes at once, and loses nothing all the same', async () => {
    const { sessionId, open } = await startWaiting();
    const gone = server.exited();
    process.kill(server.pid, 'SIGINT');
    process.kill(server.pid, 'SIGINT');
    await gone;
    await server.start();
    open();
    expect((await endOf(sessionId)).outcomes).toEqual([['succeeded', null]]);
  });

  test('starts queued runs when it is back', async () => {
    const { sessionId, open } = await startWaiting();
    const {
      run: { id },
    } = await server.client.createRun(sessionId, { prompt: script(say('second'), end()) });
    await server.crash();
    open();
    await until(async () => (await server.client.run(id)).state === 'succeeded', 'the second run to succeed');
  });
});

describe('a holder that dies by kill -9 (FAULTS 4)', () => {
  test('ends its run as holder_lost, sweeps its tree and keeps its bytes', async () => {
    const pidsTo = `${server.place}/escaped`;
    const { sessionId, processId, runId } = await startWaiting(
      ignoreSignals('SIGTERM'),
      escape(['setsid', 'ignore-term'], { count: 2, pidsTo }),
    );
    const identity = readIdentity(server.processDirectory(processId));
    if (identity === null) throw new Error('There is no identity');
    const escaped = pidsIn(pidsTo);
    expect(escaped).toHaveLength(2);
    process.kill(identity.holder.pid, 'SIGKILL');

    const { outcomes, exits, said } = await endOf(sessionId);
    expect(outcomes).toEqual([['failed', 'holder_lost']]);
    expect(exits).toEqual([[null, null, true]]);
    expect(said).toEqual(['before the gate']);
    expect([identity.agent.pid, ...escaped].filter(isRunning)).toEqual([]);
    expect(await rawLog(runId)).toContain('before the gate');
  });

  test('while no server was there is found by the next one', async () => {
    const { sessionId, processId } = await startWaiting();
    await server.signal('SIGKILL');
    const identity = readIdentity(server.processDirectory(processId));
    process.kill(identity?.holder.pid ?? 0, 'SIGKILL');
    await server.start();
    expect((await endOf(sessionId)).outcomes).toEqual([['failed', 'holder_lost']]);
  });
});

describe('a pid file that names a living stranger (FAULTS 7)', () => {
  test('never has the stranger signalled', async () => {
    const { sessionId, processId, runId } = await startWaiting();
    const { files, identity } = await leaveNothingAlive(processId);
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    const pid = stranger.pid ?? 0;
    const recycled = { ...identity, holder: { ...identity.holder, pid }, agent: { ...identity.agent, pid } };
    writeFileSync(files.pid, JSON.stringify(recycled));
    try {
      await server.start();
      expect((await endOf(sessionId)).outcomes).toEqual([['failed', 'holder_lost']]);
      await expect(server.client.stop(runId)).rejects.toMatchObject({ code: 'wrong_state' });
      expect(isRunning(pid)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

describe('a reboot of the machine (FAULTS 6)', () => {
  test('ends what ran as failed and touches no pid; its session goes on, and readers are told to start again', async () => {
    const { sessionId, processId, runId } = await startWaiting();
    const {
      run: { id: queued },
    } = await server.client.createRun(sessionId, { prompt: script(say('queued before the reboot'), end()) });
    const { cursor, nativeSessionId } = await server.client.session(sessionId);
    const before = await readPages(server.client, sessionId);
    const { files, identity } = await leaveNothingAlive(processId);
    const signalled = `${server.place}/signalled`;
    const catchAll = `trap 'echo >> ${signalled}' TERM INT HUP CONT; while :; do sleep 600 & wait; done`;
    const stranger = spawn('sh', ['-c', catchAll], { stdio: 'ignore', detached: true });
    const pid = stranger.pid ?? 0;
    // Its pid and start time are those of holder and agent: nothing but the boot id tells them apart.
    const same = { pid, start: processStart(pid) };
    writeFileSync(files.pid, JSON.stringify({ ...identity, holder: same, agent: same }));
    try {
      server.wrapper = anotherBoot();
      await server.start();
      const { outcomes, exits } = await endOf(sessionId);
      expect(outcomes[0]).toEqual(['failed', 'holder_lost']);
      expect(exits[0]).toEqual([null, null, true]);
      expect(await server.client.run(runId)).toMatchObject({ state: 'failed', reason: 'holder_lost', attempts: 1 });

      await until(async () => (await server.client.run(queued)).state === 'succeeded', 'the queued run to succeed');
      const {
        run: { id: followUp },
      } = await server.client.createRun(sessionId, { prompt: script(say('after the reboot'), end()) });
      await until(async () => (await server.client.run(followUp)).state === 'succeeded', 'a follow-up to succeed');
      expect((await server.client.session(sessionId)).nativeSessionId).toBe(nativeSessionId);
      expect((await server.client.eventPage(sessionId, { after: cursor })).reset).toEqual({ reason: 'generation' });
      expect((await readPages(server.client, sessionId)).slice(0, before.length)).toEqual(before);

      expect(stateOf(pid)).toBe('S');
      expect(existsNow(signalled)).toBe(false);
    } finally {
      process.kill(-pid, 'SIGKILL');
    }
  });
});

/** What makes a server, and the holders that it starts, believe that the machine was started anew. */
function anotherBoot(): string[] {
  const bootId = `${server.place}/boot_id`;
  writeFileSync(bootId, '00000000-1111-4222-8333-444444444444\n');
  const bind = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', bind, bootId];
}

/** Ends server, holder and agent by kill -9, so that only their files are there. */
async function leaveNothingAlive(processId: string) {
  await server.signal('SIGKILL');
  const files = processFiles(server.processDirectory(processId));
  const identity = readIdentity(files.directory);
  if (identity === null) throw new Error('There is no identity');
  process.kill(identity.holder.pid, 'SIGKILL');
  await until(() => !isRunning(identity.agent.pid), 'the agent to die with its holder');
  return { files, identity };
}

function existsNow(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

async function rawLog(runId: RunId): Promise<string> {
  return Buffer.from(await bytes(await server.client.rawLog(runId, 'stdout'))).toString();
}
