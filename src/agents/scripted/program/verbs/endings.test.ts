import { expect, test } from 'vitest';
import { end, exit, fail, say, script } from '../../script.ts';
import { perform } from '../rehearsal.ts';

test('a turn succeeds with its last message where the script does not end it', async () => {
  const { lines, code } = await perform(script(say('first'), say('last')));
  expect(lines.at(-1)).toEqual({
    type: 'turn_ended',
    outcome: 'succeeded',
    reason: null,
    message: null,
    answer: 'last',
  });
  expect(code).toBe(0);
});

test('a turn ends as it is told, once, and its steps go on', async () => {
  const { lines } = await perform(script(end({ outcome: 'failed', answer: 'so far' }), say('more'), end()));
  expect(lines.slice(2)).toMatchObject([
    { type: 'turn_ended', outcome: 'failed', reason: 'internal', answer: 'so far' },
    { type: 'text', text: 'more' },
    { type: 'message_done', text: 'more' },
  ]);
});

test('a turn fails with its reason', async () => {
  const { lines } = await perform(script(fail('overloaded', 'Try later')));
  expect(lines.at(-1)).toMatchObject({ outcome: 'failed', reason: 'overloaded', message: 'Try later' });
});

test('the program exits in the middle of its turn, and nothing that it said is lost', async () => {
  const { lines, code } = await perform(script(say('x'.repeat(1_000_000)), exit(7)));
  expect(lines.map(({ type }) => type)).toEqual(['hello', 'turn_started', 'text', 'message_done']);
  expect(code).toBe(7);
});
