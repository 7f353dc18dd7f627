import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { refuseNewerLayout } from './layout.ts';
import { isSystemError } from './system-error.ts';

/**
 * Reads a record that a holder, of this release or another, has put in place whole; null where it is not there (yet). Throws AppError
 * `newer_layout` where only a newer release understands it; fields that are new and harmless are passed over.
 */
export function readRecord<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
  const record: unknown = JSON.parse(text);
  refuseNewerLayout(record, path);
  return schema.parse(record);
}
