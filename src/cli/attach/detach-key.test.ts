import { expect, test } from 'vitest';
import { findKey, parseDetachKey, usualDetachKey } from './detach-key.ts';

test.each([
  ['ctrl-]', 0x1d],
  ['ctrl-a', 0x01],
  ['Ctrl-A', 0x01],
  ['^\\', 0x1c],
  ['ctrl-@', 0x00],
])('%s is the character %i', (text, code) => {
  expect(parseDetachKey(text)?.sequences[0]).toEqual(Buffer.from([code]));
});

test.each(['', ']', 'ctrl-', 'ctrl-1', 'ctrl-ab', 'alt-a', 'ctrl-é'])('%j is no key', (text) => {
  expect(parseDetachKey(text)).toBeUndefined();
});

test('is found wherever it is pressed, in each of its forms', () => {
  expect(findKey(Buffer.from('ab\x1dc'), usualDetachKey)).toBe(2);
  expect(findKey(Buffer.from('a\x1b[93;5uc'), usualDetachKey)).toBe(1);
  expect(findKey(Buffer.from('\x1b[27;5;93~'), usualDetachKey)).toBe(0);
  expect(findKey(Buffer.from('a]b\x1b[93;2u'), usualDetachKey)).toBe(-1);
});
