import { inertLine } from './inert-text.ts';
import type { ServerOptions } from './server-options.ts';

/** A command of this program for the same server, as it can be pasted into a shell. */
export function commandLine(words: readonly string[], { url, tokenFile, dataDir }: ServerOptions): string {
  const options = [
    ...(url === undefined ? [] : ['--url', url]),
    ...(tokenFile === undefined ? [] : ['--token-file', tokenFile]),
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
  ];
  return ['drover', ...words, ...options].map(quoteForShell).join(' ');
}

function quoteForShell(word: string): string {
  const plain = inertLine(word);
  return /^[\w./:@%+=,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", `'\\''`)}'`;
}
