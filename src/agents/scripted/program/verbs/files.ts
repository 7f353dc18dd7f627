import type { ToolResult } from '../stage.ts';
import type { FieldsOf } from '../vocabulary.ts';
import type { Perform } from './performers.ts';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ScriptError } from '../read-script.ts';

/** Says nothing: a mark that a test waits for, or counts. */
export const writeFile: Perform<'writeFile'> = ({ path, content, append }) => {
  if (append === undefined) writeFileSync(path, content ?? '');
  else writeFileSync(path, append, { flag: 'a' });
};

/** Replaces or lengthens a file, and says what it was before. */
export function change({ path, content, append }: FieldsOf<'edit'>): NonNullable<ToolResult['diff']> {
  if ((content === undefined) === (append === undefined)) {
    throw new ScriptError('"edit" needs either "content" or "append"');
  }
  const oldText = existsSync(path) ? readFileSync(path, 'utf8') : null;
  const newText = content ?? `${oldText ?? ''}${append ?? ''}`;
  writeFileSync(path, newText);
  return { path: resolve(path), oldText, newText };
}
