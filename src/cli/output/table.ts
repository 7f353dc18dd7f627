import { inertLine } from '../inert-text.ts';

/** Rows as columns of equal width; the last column is as long as it is. Cells are made inert. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map(inertLine));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** The first words of a longer text. */
export function shorten(text: string, length: number): string {
  const line = inertLine(text.slice(0, length * 4));
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** How long ago, roughly: "5s", "12m", "3h", "2d". */
export function formatAge(since: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}
