import { describe, expect, it } from 'vitest';
import { diffLines } from './diff-lines.ts';

const shown = (oldText: string | null, newText: string) =>
  diffLines(oldText, newText).map(({ sign, text }) => `${sign}${text}`);

describe('diffLines', () => {
  it('shows a new file as added', () => {
    expect(shown(null, 'a\nb\n')).toEqual(['+a', '+b']);
  });

  it('shows a change with two lines around it', () => {
    expect(shown('1\n2\n3\n4\n5\n6\n7\n', '1\n2\n3\nfour\n5\n6\n7\n')).toEqual([' 2', ' 3', '-4', '+four', ' 5', ' 6']);
  });

  it('shows lines that were added or taken away at either end', () => {
    expect(shown('a\nb\n', 'a\nb\nc\n')).toEqual([' a', ' b', '+c']);
    expect(shown('a\na\na\n', 'a\na\n')).toEqual([' a', ' a', '-a']);
    expect(shown('a\n', '')).toEqual(['-a']);
  });

  it('shows nothing where nothing changed', () => {
    expect(shown('', '')).toEqual([]);
  });

  it('does not fill the screen', () => {
    const lines = shown(null, 'x\n'.repeat(1_000));
    expect([lines.length, lines.at(-1)]).toEqual([61, '…940 more lines']);
  });
});
