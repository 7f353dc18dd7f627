import type { Row } from './row.ts';

const columns = [30, 12, 9, 12, 7] as const;
const titles = ['', 'value', '', 'baseline', 'ratio'];

export const tableHead = `${line(titles)}  holds  target`;

/** A row at a time, so that figures are seen as they come. */
export function tableLine({ name, value, unit, baseline, ratio, target, holds, note }: Row): string {
  const cells = [name, shown(value), unit, shown(baseline), ratio === null ? '' : ratio.toFixed(2)];
  const told = note === undefined ? '' : `  (${note})`;
  return `${line(cells)}  ${holds ? 'yes' : 'NO '}    ${target}${told}`;
}

function line(cells: readonly string[]): string {
  return columns
    .map((width, index) => {
      const cell = cells[index] ?? '';
      return index === 0 || index === 2 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join(' ');
}

/** Three digits say all that a machine with neighbours can know. */
function shown(value: number | null): string {
  if (value === null) return '';
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
