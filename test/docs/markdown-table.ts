import { readFileSync } from 'node:fs';

/** The rows of a document's tables: for each, the text of its cells. Header rows and rules are left out. */
export function tableRows(document: string): string[][] {
  const lines = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8').split('\n');
  return lines
    .filter(
      (line, index) =>
        line.startsWith('|') && !line.startsWith('| ---') && !(lines[index + 1] ?? '').startsWith('| ---'),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The words in backticks that stand alone in the first cell of a row. */
export function namesIn(document: string): string[] {
  return tableRows(document).flatMap(([first]) => /^`([^`]+)`$/.exec(first ?? '')?.[1] ?? []);
}
