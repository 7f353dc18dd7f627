import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { exampleId, exampleSession } from '../exercise/example-rows.ts';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { beginLife, ensureLocalOwner } from './begin-life.ts';
import { createWriter } from './create-writer.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { prepareOnce } from './prepare-once.ts';
import { isPassing } from './translate-error.ts';

it('keeps nothing of a batch for which there is no room, and takes it when there is', () => {
  const { db, writer, commitOf } = openWriter();
  const json = JSON.stringify({ at: 'x'.repeat(100_000) });
  const batch = [commitOf({ events: [1, 2, 3].map((seq) => ({ seq, json })) })];

  db.exec('PRAGMA max_page_count = 60');
  expect(errorOf(() => writer.commit(batch))).toSatisfy(isPassing);
  expect(db.isTransaction).toBe(false);
  expect(count()).toBe(0);

  db.exec('PRAGMA max_page_count = 1000000');
  writer.commit(batch);
  expect(count()).toBe(3);

  function count() {
    return db.prepare('SELECT count(*) AS events FROM events').get()?.['events'];
  }
});

function openWriter() {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'drover.db'));
  onTestFinished(() => db.close());
  migrate(db, { migrations, directory });
  const session = exampleSession(ensureLocalOwner(db, systemClock, exampleId));
  const { epoch } = beginLife(db, 'boot-1');
  const writer = createWriter({ db, prepare: prepareOnce(db), epoch, onLeftover: () => undefined });
  const commitOf = (part: object) => ({
    ...{ epoch, sessionId: session.id, events: [], writes: [] },
    ...part,
  });
  writer.commit([commitOf({ writes: [{ table: 'sessions', insert: session }] })]);
  return { db, writer, commitOf };
}

function errorOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}
