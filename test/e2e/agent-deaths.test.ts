import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, numbered, script, waitForFile } from '../../src/agents/scripted/script.ts';
import { readExitRecord } from '../../src/holder/exit-record.ts';
import { readIdentity } from '../../src/holder/identity.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { followUntil, isProcessExit, numbersIn, ofType, readToExit } from './collect.ts';
import { compile } from './compile.ts';
import { isRunning, pidsIn } from './processes.ts';
import { TestServer } from './test-server.ts';

interface Death {
  /** What the agent becomes in the middle of its turn; it has been told where the test's directory is. */
  readonly becomes: (place: string) => readonly string[];
  /** What is done to it from outside then. */
  readonly fate?: (pid: number) => void;
  readonly signal: string;
  /** Among its last words. */
  readonly stderr?: string;
}

const deaths: Record<string, Death> = {
  'is killed from outside': {
    becomes: () => ['sleep', '600'],
    fate: (pid) => process.kill(pid, 'SIGKILL'),
    signal: 'SIGKILL',
  },
  'reads where it must not': { becomes: (place) => [compile('segfault', place)], signal: 'SIGSEGV' },
  // As agents written in JavaScript run out of memory; the kernel's own killer sends SIGKILL, as above.
  'runs out of memory': {
    becomes: () => [process.execPath, '--max-old-space-size=16', '-e', 'for (const all = []; ; ) all.push([{}])'],
    signal: 'SIGABRT',
    stderr: 'heap out of memory',
  },
};

let server: TestServer;
let agent: string;

beforeEach(async () => {
  server = new TestServer();
  agent = join(server.place, 'agent');
  const profiles = { scripted: { driver: 'scripted' }, mortal: { driver: 'scripted', options: { program: agent } } };
  writeFileSync(join(server.dataDir, 'config.yaml'), JSON.stringify({ warm: { maxProcesses: 0 }, profiles }));
  await server.start();
});

afterEach(() => server.dispose());

/** A shell in the scripted agent's place: says something, leaves two descendants, and becomes another program under its own pid. */
function writeAgent(pidsTo: string, becomes: readonly string[]): void {
  const lines = [
    { type: 'hello', version: '1', sessionId: 'mortal', resumed: false },
    { type: 'turn_started', id: 'turn' },
    { type: 'message_done', id: 'message', role: 'agent', text: 'Last words' },
  ];
  const words = becomes.map((word) => `'${word}'`).join(' ');
  const text = `#!/bin/sh
trap '' TERM
setsid sleep 600 > /dev/null & echo $! >> ${pidsTo}
(setsid env -i sleep 600 & echo $! >> ${pidsTo})
trap - TERM
${lines.map((line) => `echo '${JSON.stringify(line)}'`).join('\n')}
exec ${words}`;
  writeFileSync(agent, text);
  chmodSync(agent, 0o755);
}

describe('an agent that dies in the middle of its turn (FAULTS 5)', () => {
  test.for(Object.entries(deaths))(
    'because it %s has its signal recorded and its leftovers ended; nobody else notices',
    async ([, { becomes, fate, signal, stderr = '' }]) => {
      const pidsTo = join(server.place, 'left');
      const gate = join(server.place, 'gate');
      writeAgent(pidsTo, becomes(server.place));
      const other = await server.session();
      const counting = script(numbered(50), waitForFile(gate), numbered(50, { prefix: 'then ' }), end());
      await server.client.createRun(other, { prompt: counting });
      await followUntil(server.client, other, (event) => event.type === 'message.completed');

      const sessionId = await server.session('mortal');
      const { run } = await server.client.createRun(sessionId, { prompt: 'Die' });
      const alive = await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
      const [started] = ofType(alive, 'process.started');
      if (started === undefined) throw new Error('The process did not start');
      const { pid, processId } = started.data;
      fate?.(pid);

      const events = await readToExit(server.client, sessionId);
      expect(ofType(events, 'process.exited').map(({ data }) => data)).toEqual([
        { processId, code: null, signal, left: 2, isHolderLost: false, cause: 'agent' },
      ]);
      expect(ofType(events, 'run.ended').map(({ data }) => data)).toEqual([
        {
          outcome: 'failed',
          reason: 'agent_crashed',
          message: expect.stringContaining(signal) as string,
          answer: 'Last words',
          answerSource: 'message',
        },
      ]);
      expect(await server.client.run(run.id)).toMatchObject({ state: 'failed', reason: 'agent_crashed', attempts: 1 });
      const record = readExitRecord(server.processDirectory(processId));
      expect(record).toMatchObject({ code: null, signal, left: 2, reaped: 2, stopped: false });
      const left = pidsIn(pidsTo);
      expect(left).toHaveLength(2);
      expect([pid, ...left].filter(isRunning)).toEqual([]);
      expect(findByCookie().has(processId)).toBe(false);

      // What it said and wrote is kept to the last byte.
      expect(ofType(events, 'message.completed')).toHaveLength(1);
      expect(ofType(events, 'agent.diagnostic').map(({ data }) => data.text)).toEqual(
        Buffer.from(await bytes(await server.client.rawLog(run.id, 'stderr')))
          .toString()
          .split('\n')
          .slice(0, -1),
      );
      expect(JSON.stringify(ofType(events, 'agent.diagnostic'))).toContain(stderr);

      writeFileSync(gate, '');
      const others = await followUntil(server.client, other, isProcessExit);
      expect(numbersIn(others)).toEqual([...upTo(50), ...upTo(50)]);
      expect(ofType(others, 'run.ended').map(({ data }) => data.outcome)).toEqual(['succeeded']);
    },
  );

  test('because the kernel needs its memory is chosen before the holder that bears witness', async () => {
    const sessionId = await server.session();
    await server.client.createRun(sessionId, { prompt: script(waitForFile(join(server.place, 'gate')), end()) });
    const events = await followUntil(server.client, sessionId, (event) => event.type === 'process.started');
    const [started] = ofType(events, 'process.started');
    const identity = readIdentity(server.processDirectory(started?.data.processId ?? ''));
    if (identity === null) throw new Error('There is no identity');
    expect(scoreOf(identity.agent.pid)).toBeGreaterThanOrEqual(scoreOf(server.pid));
    const lead = scoreOf(identity.agent.pid) - scoreOf(identity.holder.pid);
    expect(lead).toBeGreaterThanOrEqual(1);
  });
});

/** How readily the kernel kills a process when memory is short. */
function scoreOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, line) => line + 1);
}
