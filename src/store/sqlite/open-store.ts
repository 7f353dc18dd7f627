import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Owner } from '../rows.ts';
import type { Store } from '../store.ts';
import type { Life } from './begin-life.ts';
import { beginLife, endLife, ensureLocalOwner, previousEnd } from './begin-life.ts';
import { refuseDamage } from './check-integrity.ts';
import { createWriter } from './create-writer.ts';
import type { Migration, OnStatement } from './migrate.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { migrations as allMigrations } from './migrations.ts';
import { explainingRefusal, openDatabase, stopBlocking } from './open-database.ts';
import { prepareOnce } from './prepare-once.ts';
import { createEventReader } from './read-events.ts';
import { createRowReader } from './read-rows.ts';
import { translatingErrors } from './translate-error.ts';

export interface OpenSqliteStoreOptions {
  /** The data directory: it exists, and this server holds it (`lockDataDirectory`). */
  readonly directory: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** Which start of the machine this is: what `/proc/sys/kernel/random/boot_id` says. */
  readonly bootId: string;
  /** @default every migration there is */
  readonly migrations?: readonly Migration[];
  /** For tests, which kill the process there. */
  readonly onStatement?: OnStatement;
}

/**
 * Opens `drover.db` in the data directory, or makes it, and brings its schema up to date. Rejects with AppError
 * `data_directory_invalid` where the database is damaged, newer than this code, held by another program or cannot be opened.
 */
export async function openSqliteStore(options: OpenSqliteStoreOptions): Promise<Store> {
  const { directory, clock, newId, logger, bootId, migrations = allMigrations, onStatement } = options;
  return explainingRefusal(directory, () => {
    const db = openDatabase(join(directory, 'drover.db'));
    try {
      const foundVersion = schemaVersion(db);
      if (foundVersion > 0) refuseDamage(db, directory, previousEnd(db, bootId));
      migrate(db, { migrations, directory, onStatement });
      const localOwner = ensureLocalOwner(db, clock, newId);
      const life = beginLife(db, bootId);
      stopBlocking(db);
      logger.info({ directory, ...life, foundVersion, version: migrations.length }, 'Opened the store');
      return createStore(db, life, localOwner, logger);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function createStore(db: DatabaseSync, life: Life, localOwner: Owner, logger: Logger): Store {
  const prepare = prepareOnce(db);
  const writer = createWriter(db, prepare, life.epoch);
  const rows = createRowReader(prepare);
  const log = createEventReader(prepare);
  /** SQLite answers at once; the port's callers wait all the same, as they would for a database across a network. */
  const answer = async <Result>(work: () => Result): Promise<Result> => translatingErrors(work);

  return {
    ...life,
    commit: (batch) => answer(() => writer.commit(batch)),

    localOwner: async () => localOwner,
    tokenByHash: (hash) => answer(() => rows.tokenByHash(hash)),
    replaceToken: (token) => answer(() => writer.replaceToken(token)),

    session: (id) => answer(() => rows.session(id)),
    sessions: (owner) => answer(() => rows.sessions(owner)),
    run: (id) => answer(() => rows.run(id)),
    runs: (owner, filter) => answer(() => rows.runs(owner, filter)),
    runByIdempotencyKey: (owner, key) => answer(() => rows.runByIdempotencyKey(owner, key)),
    openRuns: () => answer(() => rows.openRuns()),
    attempts: (runId) => answer(() => rows.attempts(runId)),
    process: (id) => answer(() => rows.process(id)),
    openProcesses: () => answer(() => rows.openProcesses()),
    stdinMessages: (processId) => answer(() => rows.stdinMessages(processId)),

    lastSeq: (sessionId) => answer(() => log.lastSeq(sessionId)),
    openMessages: (sessionId) => answer(() => log.openMessages(sessionId)),
    events: (sessionId, afterSeq, limit) => answer(() => log.events(sessionId, afterSeq, limit)),

    close: async () => {
      if (!db.isOpen) return;
      try {
        endLife(db, life);
      } catch (error) {
        logger.warn({ err: error }, 'The store could not be marked as closed in order');
      }
      db.close();
    },
  };
}
