import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import type { PreviousEnd } from './begin-life.ts';

/** About 0.2 s to read: a check of this much is never noticed. */
const alwaysCheckedBytes = 256_000_000;

/**
 * Throws AppError `data_directory_invalid` where pages of the database are damaged. A large database is read only after the machine went down under the server,
 * which is when pages may be torn: after `kill -9` the server has to be back soon, and its pages are whole.
 */
export function refuseDamage(db: DatabaseSync, directory: string, end: PreviousEnd): void {
  if (databaseBytes(db) > alwaysCheckedBytes && (end.isClean || !end.isOtherBoot)) return;
  const finding = String(db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
  if (finding !== 'ok') throw damagedDatabase(directory, finding);
}

export function damagedDatabase(directory: string, finding: string, options?: ErrorOptions): AppError {
  return new AppError(
    'data_directory_invalid',
    `The database "drover.db" in data directory "${directory}" is damaged (${finding}); ` +
      'restore a backup of the directory, or choose another with --data-dir',
    {},
    options,
  );
}

function databaseBytes(db: DatabaseSync): number {
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
  return pages * pageBytes;
}
