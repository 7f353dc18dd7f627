import { describe, expect, it } from 'vitest';
import { clockVerdict } from './clock-verdict.ts';

const middle = { hasBytes: true, openTools: [] };

describe('the verdict of a clock', () => {
  it('names the limit, says where the run hung, and how to raise it', () => {
    expect(clockVerdict('silence', 300_000, { hasBytes: false, openTools: [] })).toEqual({
      limit: 'silence',
      reason: 'inactivity_timeout',
      message:
        'The agent wrote nothing and used no CPU for 5 min before its first byte; ' +
        'raise `limits.silenceMs` (300000) in the profile if it needs longer',
    });
    expect(clockVerdict('progress', 90_000, middle).message).toMatch(
      /^The agent made no progress for 90 s in the middle of its answer; raise `limits.progressMs` \(90000\)/,
    );
    expect(clockVerdict('total', 7_200_000, { hasBytes: true, openTools: ['npm test'] }).message).toMatch(
      /^The run took more than 2 h and was ended while a tool call was open \("npm test"\); raise `limits.totalMs`/,
    );
  });

  it('names the latest of many tool calls', () => {
    const { message } = clockVerdict('silence', 1000, { hasBytes: true, openTools: ['one', 'two'] });
    expect(message).toContain('for 1 s while 2 tool calls were open (the latest: "two")');
  });

  it('shows a long title in one short line', () => {
    const title = `for n in 1 2; do\n\techo ${'x'.repeat(200)}; done`;
    const { message } = clockVerdict('silence', 1000, { hasBytes: true, openTools: [title] });
    expect(message).toContain('("for n in 1 2; do echo xxx');
    expect(message).toContain('x…")');
    expect(message.length).toBeLessThan(250);
  });

  it.each([
    [1500, '1500 ms'],
    [60_000, '1 min'],
    [61_000, '61 s'],
    [3_600_000, '1 h'],
    [5_400_000, '90 min'],
  ])('puts %i ms in words', (limitMs, words) => {
    expect(clockVerdict('progress', limitMs, middle).message).toContain(`for ${words} in`);
  });
});
