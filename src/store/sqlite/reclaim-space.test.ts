import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { openDatabase } from './open-database.ts';
import { prepareOnce } from './prepare-once.ts';
import { createReclaiming } from './reclaim-space.ts';

it('gives free pages back bit by bit, until as many are left as are worth keeping', () => {
  const db = filled(openDatabase(join(temporaryDirectory(), 'drover.db')));
  const reclaim = createReclaiming(db, prepareOnce(db));
  expect(reclaim()).toBe(false);

  db.exec('DELETE FROM filler');
  const before = pagesOf(db);
  let slices = 0;
  while (reclaim()) slices += 1;
  expect(slices).toBeGreaterThan(1);
  expect(pagesOf(db)).toBeLessThan(before);
  expect(pagesOf(db)).toBeGreaterThan(16_000);
});

it('leaves a database alone that was made without this', () => {
  const db = filled(new DatabaseSync(join(temporaryDirectory(), 'drover.db')));
  db.exec('DELETE FROM filler');
  const before = pagesOf(db);
  expect(createReclaiming(db, prepareOnce(db))()).toBe(false);
  expect(pagesOf(db)).toBe(before);
});

/** With some 80 MB. */
function filled(db: DatabaseSync): DatabaseSync {
  onTestFinished(() => db.close());
  db.exec('PRAGMA synchronous = OFF');
  db.exec('CREATE TABLE filler (bytes BLOB NOT NULL)');
  db.exec(
    'INSERT INTO filler SELECT zeroblob(1000000) FROM json_each(json_array(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)) AS a, json_each(json_array(1, 2, 3, 4, 5, 6, 7, 8)) AS b',
  );
  return db;
}

function pagesOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
}
