import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/agents/scripted/script.ts';
import { hang, ignoreSignals, kill, run, say, script } from '../../src/agents/scripted/script.ts';
import { readExitRecord } from '../../src/holder/exit-record.ts';
import { followUntil, isProcessExit, ofType, readToExit } from './collect.ts';
import { isRunning, pidsIn, stateOf } from './processes.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

/** So long that a test which needs it to pass does not end. */
const longGraceMs = 3_600_000;

let server: TestServer;

afterEach(() => server.dispose());

/** A run whose agent, and a descendant of it that notes down every TERM and goes on, are at the end of their steps. */
async function started(stopGraceMs: number, ...steps: readonly Step[]) {
  server = new TestServer({ config: { stopGraceMs } });
  await server.start();
  const sessionId = await server.session();
  const terms = join(server.place, 'terms');
  const witnessTo = join(server.place, 'witness');
  const note = `trap 'echo TERM >> ${terms}' TERM; echo $$ > ${witnessTo}; while :; do sleep 600 & wait; done`;
  const witness = run('/bin/sh', '-c', `setsid sh -c "$1" > /dev/null 2>&1 &`, 'sh', note);
  const { run: row } = await server.client.createRun(sessionId, { prompt: script(witness, ...steps) });
  const events = await followUntil(server.client, sessionId, (event) => event.type === 'message.completed');
  const [process] = ofType(events, 'process.started');
  if (process === undefined) throw new Error('The process did not start');
  await until(() => existsSync(witnessTo) && pidsIn(witnessTo).length === 1, 'the witness to be there');
  const { pid, processId } = process.data;
  return {
    ...{ sessionId, runId: row.id, pid, witness: pidsIn(witnessTo)[0] ?? 0 },
    exitRecord: () => readExitRecord(server.processDirectory(processId)),
    terms: () => (existsSync(terms) ? readFileSync(terms, 'utf8') : ''),
  };
}

describe('an agent that does not hear SIGTERM (FAULTS 8)', () => {
  const deaf = [ignoreSignals('SIGTERM'), say('ready')];
  const still = kill('SIGSTOP');

  test.for<[string, readonly Step[]]>([
    ['ignores it', [...deaf, hang()]],
    ['stands still and would ignore it', [...deaf, still, hang()]],
  ])('because it %s is told, then killed with its whole tree when its grace is over', async ([, steps]) => {
    const agent = await started(200, ...steps);
    if (steps.includes(still)) await until(() => stateOf(agent.pid) === 'T', 'the agent to stand still');
    await server.client.stop(agent.runId);
    const events = await followUntil(server.client, agent.sessionId, isProcessExit);
    expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.reason])).toEqual([['stopped', null]]);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(agent.exitRecord()).toMatchObject({ signal: 'SIGKILL', stopped: true });
    // TERM came first: the witness lived long enough to note it down, and is dead now.
    expect(agent.terms()).toBe('TERM\n');
    expect([agent.pid, agent.witness].filter(isRunning)).toEqual([]);
    expect((await server.client.run(agent.runId)).state).toBe('stopped');
  });

  test('because it stands still is woken, and ends by it long before its grace is over', async () => {
    const agent = await started(longGraceMs, say('ready'), still, hang());
    await until(() => stateOf(agent.pid) === 'T', 'the agent to stand still');
    process.kill(agent.witness, 'SIGSTOP');
    await until(() => stateOf(agent.witness) === 'T', 'its descendant to stand still');
    await server.client.stop(agent.runId);
    await until(() => !isRunning(agent.pid), 'the agent to end');
    await until(() => agent.terms() !== '', 'its descendant to hear it too');
    // Only the descendant keeps the process now, for its grace; the agent's own end was SIGTERM.
    expect(isRunning(agent.witness)).toBe(true);
    process.kill(-agent.witness, 'SIGKILL');
    const events = await readToExit(server.client, agent.sessionId);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(agent.exitRecord()).toMatchObject({ signal: 'SIGTERM', stopped: true });
    expect(ofType(events, 'run.ended').map(({ data }) => data.outcome)).toEqual(['stopped']);
  });

  test('is killed at once where the grace is nothing', async () => {
    const agent = await started(0, ...deaf, still, hang());
    await until(() => stateOf(agent.pid) === 'T', 'the agent to stand still');
    await server.client.stop(agent.runId);
    const events = await followUntil(server.client, agent.sessionId, isProcessExit);
    expect(ofType(events, 'process.exited')[0]?.data).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(agent.terms()).toBe('');
    expect([agent.pid, agent.witness].filter(isRunning)).toEqual([]);
  });
});
