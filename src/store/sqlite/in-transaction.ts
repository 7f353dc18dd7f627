import type { DatabaseSync } from 'node:sqlite';

/** Does the work whole or not at all. */
export type InTransaction = <Result>(work: () => Result) => Result;

/** For one time; `createTransactions` where there are many. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  return createTransactions(db)(work);
}

/** Transactions that take the write lock at once, so that a busy database says so before anything is done. */
export function createTransactions(db: DatabaseSync): InTransaction {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      rollBack(db);
      throw error;
    }
  };
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
