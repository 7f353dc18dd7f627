import { expect, it } from 'vitest';
import { chunked } from './chunked.ts';

it('cuts into at most so many pieces that join to the text', () => {
  expect(chunked('abcdefg', 3)).toEqual(['abc', 'def', 'g']);
  expect(chunked('ab', 5)).toEqual(['a', 'b']);
});

it('leaves characters whole that take two code units', () => {
  expect(chunked('🐑🐕', 2)).toEqual(['🐑', '🐕']);
});

it('takes given pieces as they are', () => {
  expect(chunked('abc', ['ab', 'c'])).toEqual(['ab', 'c']);
});

it('makes no piece of an empty text', () => {
  expect(chunked('')).toEqual([]);
});
