import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import { damagedDatabase } from './check-integrity.ts';
import { isBusy, isCorruption, isPassing } from './translate-error.ts';

/** How long an opening waits for another program that holds the database, say a backup; afterwards nothing ever blocks. */
const openTimeoutMs = 10_000;

/** What the write-ahead log may keep of the disk after a flood. */
const keptLogBytes = 32_000_000;

/** Opens the database file, readable by its owner only, with a write-ahead log. */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: openTimeoutMs });
  try {
    db.exec('PRAGMA schema_version');
    // Before the write-ahead log is made: its files take over the mode of this one.
    chmodSync(path, 0o600);
    // Takes effect only while there is no table yet: space can be given back bit by bit.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA journal_size_limit = ${keptLogBytes}`);
    db.exec('PRAGMA synchronous = FULL');
    // In line with a commit they take as long as the disk wants: the Checkpointer's part.
    db.exec('PRAGMA wal_autocheckpoint = 0');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * From now on nothing blocks the server: a locked database says so at once, and the caller waits by a timer; what is committed is in
 * the system's cache, which survives the server's death but not the machine's, until it is flushed (LogFlush).
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function stopBlocking(db: DatabaseSync): void {
  db.exec('PRAGMA busy_timeout = 0');
  db.exec('PRAGMA synchronous = NORMAL');
}

/** Does the work of an opening; what SQLite reports becomes an AppError that says what to do about it. */
export function explainingRefusal<Result>(directory: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isCorruption(error)) throw damagedDatabase(directory, error.message, { cause: error });
    if (!isPassing(error)) throw error;
    const remedy = isBusy(error)
      ? 'another program holds it, end that program'
      : 'see that the disk is not full and that the directory can be written to';
    throw new AppError(
      'data_directory_invalid',
      `The database "drover.db" in data directory "${directory}" cannot be opened (${error.message}): ${remedy}`,
      {},
      { cause: error },
    );
  }
}
