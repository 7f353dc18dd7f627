import { expect, test } from 'vitest';
import { env, permission, script } from '../../script.ts';
import { perform, Rehearsal } from '../rehearsal.ts';

test.each([
  { decision: 'allow', said: 'Allowed: Run rm' },
  { decision: 'deny', said: 'Denied: Run rm' },
] as const)('a permission waits for the first answer: $decision', async ({ decision, said }) => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(permission('Run rm', { input: { argv: ['rm'] } })));
  const { id, title, input } = await agent.next('permission');
  expect({ title, input }).toEqual({ title: 'Run rm', input: { argv: ['rm'] } });
  agent.send({ type: 'permission_answer', id: 'another', decision: decision === 'allow' ? 'deny' : 'allow' });
  agent.send({ type: 'permission_answer', id, decision });
  agent.send({ type: 'permission_answer', id, decision: 'allow' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'succeeded', answer: said });
});

test('what is asked says what policies go by', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(permission('Run rm', { tool: 'Shell', command: 'rm a', paths: ['a'] })));
  expect(await agent.next('permission')).toMatchObject({ tool: 'Shell', command: 'rm a', paths: ['a'] });
});

test.each([
  { answer: { decision: 'allow', updatedInput: { argv: ['ls'] } }, said: 'Allowed: Run rm with {"argv":["ls"]}' },
  { answer: { decision: 'deny', message: 'Ask Ann' }, said: 'Denied: Run rm, because: Ask Ann' },
] as const)('what the answer says is said again: $said', async ({ answer, said }) => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(permission('Run rm', { input: { argv: ['rm'] } })));
  const { id } = await agent.next('permission');
  agent.send({ type: 'permission_answer', id, ...answer });
  expect(await agent.next('turn_ended')).toMatchObject({ answer: said });
});

test('where nobody can answer any more, it is a denial', async () => {
  const { lines } = await perform(script(permission('Run rm')));
  expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded', answer: 'Denied: Run rm' });
});

test('a question is given up when the turn is interrupted', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(permission('Run rm')));
  await agent.next('permission');
  agent.send({ type: 'interrupt', id: 't' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'interrupted' });
});

test('an environment variable is named, and shown only on demand', async () => {
  const { lines } = await perform(script(env('CANARY'), env('NONE'), env('CANARY', { show: true })), {
    env: { CANARY: 'tweet' },
  });
  const said = lines.filter((line) => line.type === 'message_done').map(({ text }) => text);
  expect(said).toEqual(['CANARY is set', 'NONE is not set', 'CANARY=tweet']);
});
