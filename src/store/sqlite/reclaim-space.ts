import type { DatabaseSync } from 'node:sqlite';
import type { Prepare } from './prepare-once.ts';

/** What one commit gives back: some milliseconds. */
const slicePages = 200;

/** 64 MB: what will soon be used again is not worth moving pages for. */
const keptPages = 16_384;

/**
 * Gives some of the free pages back to the file system, where they are more than a quarter of the database; false where they are not.
 * A database that was made without `auto_vacuum` keeps them.
 */
export function createReclaiming(db: DatabaseSync, prepare: Prepare): () => boolean {
  const free = prepare('PRAGMA freelist_count');
  const all = prepare('PRAGMA page_count');
  const canReclaim = Number(prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum']) === incremental;

  return () => {
    const freePages = Number(free.get()?.['freelist_count']);
    if (!canReclaim || freePages <= Math.max(keptPages, Number(all.get()?.['page_count']) / 4)) return false;
    db.exec(`PRAGMA incremental_vacuum(${slicePages})`);
    return true;
  };
}

/** https://www.sqlite.org/pragma.html#pragma_auto_vacuum */
const incremental = 2;
