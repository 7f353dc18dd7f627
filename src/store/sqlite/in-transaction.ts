import type { DatabaseSync } from 'node:sqlite';

/** Does the work whole or not at all. Takes the write lock at once, so that a busy database says so before anything is done. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** SQLite has rolled back by itself after some errors (https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction). */
function rollBack(db: DatabaseSync): void {
  if (!db.isTransaction) return;
  try {
    db.exec('ROLLBACK');
  } catch {
    // What made the work fail says more than what makes the roll-back fail.
  }
}
