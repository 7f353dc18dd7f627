import { expect, test } from 'vitest';
import { end, numbered, say, script, think } from '../../script.ts';
import { perform } from '../rehearsal.ts';

test('a message is said in pieces, then whole', async () => {
  const { lines } = await perform(script(say('héllo wörld 🐂', { chunks: 3 })));
  const pieces = lines.filter((line) => line.type === 'text');
  expect(pieces.map(({ text }) => text)).toEqual(['héllo', ' wörl', 'd 🐂']);
  expect(new Set(pieces.map(({ id }) => id)).size).toBe(1);
  const whole = { type: 'message_done', id: pieces[0]?.id, role: 'agent', text: 'héllo wörld 🐂' };
  expect(lines).toContainEqual(whole);
});

test('a thought is no answer', async () => {
  const { lines } = await perform(script(say('hello'), think('hm')));
  expect(lines.find((line) => line.type === 'thinking')).toMatchObject({ text: 'hm' });
  expect(lines.find((line) => line.type === 'message_done' && line.role === 'thought')).toMatchObject({ text: 'hm' });
  expect(lines.at(-1)).toMatchObject({ type: 'turn_ended', answer: 'hello' });
});

test('a message that is left open is never completed', async () => {
  const { lines } = await perform(script(say('half', { leaveOpen: true })));
  expect(lines.map(({ type }) => type)).toEqual(['hello', 'turn_started', 'text', 'turn_ended']);
});

test('numbered lines are messages of their own, each once and in order', async () => {
  const { lines } = await perform(script(numbered(3000, { prefix: 'line ' }), end({ answer: 'all said' })));
  const messages = lines.filter((line) => line.type === 'message_done');
  expect(messages.map(({ text }) => text)).toEqual(Array.from({ length: 3000 }, (_, index) => `line ${index + 1}`));
  expect(new Set(messages.map(({ id }) => id)).size).toBe(3000);
  expect(lines.at(-1)).toMatchObject({ answer: 'all said' });
});

test('numbered lines can be chunks of one message', async () => {
  const { lines } = await perform(script(numbered(5, { as: 'chunks', everyMs: 1, burst: 2 })));
  const chunks = lines.filter((line) => line.type === 'text');
  expect(chunks.map(({ text }) => text)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
  expect(lines.find((line) => line.type === 'message_done')).toMatchObject({ text: '1\n2\n3\n4\n5\n' });
});
