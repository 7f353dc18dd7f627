import { expect, test } from 'vitest';
import { TerminalModes } from './terminal-modes.ts';

function after(...pieces: string[]): string {
  const modes = new TerminalModes();
  for (const piece of pieces) modes.watch(Buffer.from(piece));
  return modes.reset;
}

test('what was switched on is switched off, and nothing else', () => {
  expect(after('text')).toBe('\x1b[0m');
  expect(after('\x1b[?1049h\x1b[?25l\x1b[?2004h')).toBe('\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[0m');
  expect(after('\x1b[?1049h\x1b[?25l', 'x', '\x1b[?1049l\x1b[?25h')).toBe('\x1b[0m');
  expect(after('\x1b[?1000;1006h')).toBe('\x1b[?1000l\x1b[?1006l\x1b[0m');
});

test('keyboard protocols are ended', () => {
  expect(after('\x1b[>1u')).toBe('\x1b[<9u\x1b[0m');
  expect(after('\x1b[>4;2m')).toBe('\x1b[>4m\x1b[0m');
});

test('a sequence may come in pieces', () => {
  expect(after('\x1b[?10', '49', 'h')).toBe('\x1b[?1049l\x1b[0m');
});
