import { expect, test } from 'vitest';
import { awaitSteer, end, hang, say, script, sleep } from '../../script.ts';
import { perform, Rehearsal } from '../rehearsal.ts';

test('a turn waits for what is said into it, and says it back', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(say('waiting'), awaitSteer()));
  await agent.next('message_done');
  agent.send({ type: 'steer', id: 't', text: 'more\nto the left' });
  expect(await agent.next('turn_ended')).toMatchObject({
    outcome: 'succeeded',
    answer: 'Steered: more\nto the left',
  });
});

test('what is said before a step waits for it is kept, in its order', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(sleep(1)));
  agent.prompt('t2', script(awaitSteer(), awaitSteer({ say: false }), awaitSteer()));
  for (const text of ['one', 'two', 'three']) agent.send({ type: 'steer', id: 't2', text });
  const { lines } = await agent.end();
  const said = lines.filter((line) => line.type === 'message_done').map(({ text }) => text);
  expect(said).toEqual(['Steered: one', 'Steered: three']);
});

test('where nothing more can be said, nobody is waited for', async () => {
  const { lines } = await perform(script(awaitSteer()));
  expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded', answer: 'Nobody steers any more' });
});

test('a turn that waits can be interrupted', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(say('waiting'), awaitSteer()));
  await agent.next('message_done');
  agent.send({ type: 'interrupt', id: 't' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'interrupted' });
});

test('what is said into a turn that is over is dropped, and meets no other', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(say('one')));
  await agent.next('turn_ended');
  agent.send({ type: 'steer', id: 't1', text: 'late' });
  agent.prompt('t2', script(awaitSteer()));
  await agent.next('turn_started');
  agent.send({ type: 'steer', id: 't2', text: 'in time' });
  expect(await agent.next('turn_ended')).toMatchObject({ answer: 'Steered: in time' });
  const { stderr } = await agent.end();
  expect(stderr.toString()).toBe('scripted agent: there is no turn "t1" to be steered: late\n');
});

test('a turn that has said its end is over, whatever still plays', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(end(), sleep(300), hang()));
  await agent.next('turn_ended');
  agent.send({ type: 'steer', id: 't', text: 'late' });
  const words = await new Promise<Buffer>((resolve) => agent.child.stderr.once('data', resolve));
  expect(words.toString()).toContain('no turn "t"');
});
