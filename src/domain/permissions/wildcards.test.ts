import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeWildcards, escapableInPaths, matchesEverything, matchesWildcards, parseWildcards } from './wildcards.ts';

describe('wildcards', () => {
  test.each([
    ['Bash', 'Bash', true],
    ['Bash', 'bash', false],
    ['Bash', 'BashOutput', false],
    ['mcp__github__*', 'mcp__github__create_issue', true],
    ['mcp__*__create_*', 'mcp__github__create_issue', true],
    ['mcp__*__create_*', 'mcp__github__delete_issue', false],
    ['*', '', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['what\\*', 'what*', true],
    ['what\\*', 'whatever', false],
    ['C:\\\\*', 'C:\\Windows', true],
    ['grep \\.ts', 'grep \\.ts', true],
    ['\\', '\\', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(matchesWildcards(parseWildcards(pattern), text)).toBe(expected);
  });

  test('agree with a regular expression, also where runs may not contain everything', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ';'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', ';', '*'), maxLength: 8 }),
        letters,
        fc.constantFrom(undefined, /;/, /[ab]/),
        (pattern, text, barrier) => {
          const run = barrier === undefined ? '.*' : barrier.source === ';' ? '[^;]*' : '[^ab]*';
          const expression = new RegExp(`^${pattern.replaceAll('*', run)}$`);
          expect(matchesWildcards(parseWildcards(pattern), text, barrier)).toBe(expression.test(text));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test.each([undefined, escapableInPaths])('an escaped text matches itself and nothing else (%j)', (escapable) => {
    const text = fc.string({ unit: fc.constantFrom('a', '*', '\\', '[', '{', '?', '!', 'é', '😀'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const pattern = parseWildcards(escapeWildcards(one, escapable), escapable);
        expect(matchesWildcards(pattern, one)).toBe(true);
        expect(matchesWildcards(pattern, other)).toBe(one === other);
      }),
    );
  });

  test.each([
    ['*', true],
    ['**', true],
    ['\\*', false],
    ['a*', false],
    ['', false],
  ])('%j is nothing but wildcards: %j', (pattern, expected) => {
    expect(matchesEverything(parseWildcards(pattern))).toBe(expected);
  });
});
