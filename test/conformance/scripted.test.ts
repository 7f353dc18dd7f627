import { beforeAll, expect, it } from 'vitest';
import type { Line } from '../../src/agents/driver.ts';
import { scriptedDriver } from '../../src/agents/scripted/driver.ts';
import { Rehearsal } from '../../src/agents/scripted/program/rehearsal.ts';
import * as steps from '../../src/agents/scripted/script.ts';
import { exerciseDriver } from './exercise-driver.ts';

/** What the real program said in three turns: one with a question, one that was steered, one that was interrupted. */
const recording: readonly Line[] = await recorded();

beforeAll(() => {
  expect(recording.length).toBeGreaterThan(10);
});

exerciseDriver(scriptedDriver, {
  options: { script: '/scripts/a.json' },
  secrets: [],
  recordings: new Map([['three turns', recording]]),
});

it('without `tool` a question is known by its title', () => {
  const text = JSON.stringify({ type: 'permission', id: 'q', title: 'Run rm' });
  const { intents } = scriptedDriver.translate(scriptedDriver.initialState(), { stream: 'stdout', text });
  expect(intents).toMatchObject([{ tool: 'Run rm', command: null, paths: [] }]);
});

async function recorded(): Promise<Line[]> {
  const { awaitSteer, permission, print, say, script, sleep, think } = steps;
  await using agent = new Rehearsal();
  agent.prompt('t1', script(think('hm'), permission('Run rm', { input: { argv: ['rm'] } }), print('rubbish')));
  const { id } = await agent.next('permission');
  agent.send({ type: 'permission_answer', id, decision: 'deny', message: 'no' });
  agent.prompt('t2', script(awaitSteer()));
  agent.send({ type: 'steer', id: 't2', text: 'to the left' });
  agent.prompt('t3', script(say('half'), sleep(1_000_000)));
  agent.send({ type: 'interrupt', id: 't3' });
  const { stdout, stderr } = await agent.end();
  return [...linesOf('stdout', stdout), ...linesOf('stderr', stderr)];
}

function linesOf(stream: Line['stream'], bytes: Buffer): Line[] {
  return bytes
    .toString()
    .split('\n')
    .map((text) => ({ stream, text }));
}
