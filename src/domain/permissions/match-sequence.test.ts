import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyRun, matchesSequence } from './match-sequence.ts';

const parse = (pattern: string) => Array.from(pattern, (character) => (character === '*' ? anyRun : character));
const fits = (token: string, item: string) => token === item;

test('agrees with a regular expression', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }),
      (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(matchesSequence(parse(pattern), text, { fits })).toBe(expression.test(text));
      },
    ),
    { numRuns: 5000 },
  );
});

test.each([
  ['a*'.repeat(100) + 'b', 'a'.repeat(10_000)],
  ['*a'.repeat(100) + 'b*', 'a'.repeat(10_000)],
  ['*'.repeat(100) + 'b', 'a'.repeat(10_000)],
  ['*a*'.repeat(100) + 'c', 'ab'.repeat(5_000)],
])('cannot be made to try for ever: the pattern %j', (pattern, text) => {
  let comparisons = 0;
  const counted = (token: string, item: string) => {
    comparisons += 1;
    return token === item;
  };
  expect(matchesSequence(parse(pattern), text, { fits: counted })).toBe(false);
  expect(comparisons).toBeLessThan(3 * text.length);
});

test('of a long stretch without a run, the work is bounded by its length', () => {
  let comparisons = 0;
  const counted = (token: string, item: string) => {
    comparisons += 1;
    return token === item;
  };
  const pattern = `*${'a'.repeat(50)}b*${'a'.repeat(50)}b`;
  expect(matchesSequence(parse(pattern), 'a'.repeat(5_000), { fits: counted })).toBe(false);
  expect(comparisons).toBeLessThanOrEqual(5_000 * 51);
});
