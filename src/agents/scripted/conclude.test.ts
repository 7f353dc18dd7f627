import { expect, test } from 'vitest';
import { conclude } from './conclude.ts';
import { initialState } from './state.ts';

test.each([
  { exit: { code: null, signal: 'SIGSEGV' }, reason: 'agent_crashed', says: 'ended by SIGSEGV' },
  { exit: { code: 3, signal: null }, reason: 'agent_crashed', says: 'exited with code 3' },
  { exit: { code: null, signal: null }, reason: 'agent_crashed', says: 'nobody knows how' },
  { exit: { code: 0, signal: null }, reason: 'no_terminal_event', says: 'exited with code 0' },
])('a process that has gone in the middle of its turn has failed: $says', ({ exit, reason, says }) => {
  const conclusion = conclude(initialState, exit);
  expect(conclusion).toMatchObject({ outcome: 'failed', reason, answer: '', answerSource: 'none' });
  expect(conclusion.message).toContain(says);
});

test('what was said last is kept as the answer', () => {
  expect(conclude({ isTurnOpen: true, lastMessage: 'so far' }, { code: 1, signal: null })).toMatchObject({
    answer: 'so far',
    answerSource: 'message',
  });
});
