import { readFile } from 'node:fs/promises';
import type { Document, LineCounter } from 'yaml';
import { AppError } from '../kernel/app-error.ts';
import type { Config } from './config.ts';

/** What a YAML file says, not checked yet. */
export interface SettingsFile {
  readonly settings: Partial<Config>;
  /** Where a value stands, as `<file>:<line>`: its own line, or that of the nearest value around it that is there. */
  readonly placeOf: (path: readonly string[]) => string;
}

/** Throws AppError `config_invalid` where there is no such file, unless it is optional, and where it holds no keys and values. */
export async function readSettings(file: string, { isOptional }: { isOptional: boolean }): Promise<SettingsFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    // Whether the data directory is one is for the store to say.
    if (isOptional && (code === 'ENOENT' || code === 'ENOTDIR')) return '';
    throw invalid(`${file}: the configuration cannot be read (${code ?? message})`);
  });
  // The reader of YAML is 72 files, 20 ms of a start; without settings nobody needs it.
  if (text === '') return { settings: {}, placeOf: () => file };
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  // Not pretty: an error then tells where it is in numbers, and nothing of it in its message.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(`${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`);
  const placeOf = (path: readonly string[]) => `${file}:${lineOf(path, document, lines)}`;
  const settings: unknown = document.toJS() ?? {};
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw invalid(`${placeOf([])}: expected keys and values such as "port: 4870"`);
  }
  return { settings, placeOf };
}

function lineOf(path: readonly string[], document: Document, lines: LineCounter): number {
  const node = document.getIn(path, true) as { range?: readonly number[] } | undefined;
  const offset = node?.range?.[0];
  if (offset !== undefined) return lines.linePos(offset).line;
  return path.length === 0 ? 1 : lineOf(path.slice(0, -1), document, lines);
}

function invalid(detail: string): AppError {
  return new AppError('config_invalid', detail);
}
