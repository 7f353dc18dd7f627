import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { isSystemError } from './system-error.ts';

/** Reads a file that the holder has put in place whole; null where it is not there (yet). */
export function readJsonFile<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}
