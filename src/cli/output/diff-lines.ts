/** A line of a diff: what has gone, what has come, what is near and stays, or a gap. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ' | '…';
  readonly text: string;
}

/**
 * Compares two texts as people look at edits: what they have in common at the beginning and at the end is left out, but for the lines
 * next to the change. Null is a file that was not there.
 */
export function diffLines(oldText: string | null, newText: string): DiffLine[] {
  const [before, after] = [linesOf(oldText ?? ''), linesOf(newText)];
  const start = commonLength(before, after);
  const end = commonLength(before.slice(start).reverse(), after.slice(start).reverse());
  const as = (sign: DiffLine['sign'], lines: readonly string[]) => lines.map((text) => ({ sign, text }));
  return [
    ...as(' ', before.slice(Math.max(0, start - context), start)),
    ...shortened(as('-', before.slice(start, before.length - end))),
    ...shortened(as('+', after.slice(start, after.length - end))),
    ...as(' ', after.slice(after.length - end).slice(0, context)),
  ];
}

const context = 2;
const longest = 60;

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function commonLength(left: readonly string[], right: readonly string[]): number {
  const end = Math.min(left.length, right.length);
  const difference = left.slice(0, end).findIndex((line, index) => line !== right[index]);
  return difference === -1 ? end : difference;
}

function shortened(lines: DiffLine[]): DiffLine[] {
  if (lines.length <= longest) return lines;
  return [...lines.slice(0, longest), { sign: '…', text: `${lines.length - longest} more lines` }];
}
