import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Owner } from '../rows.ts';
import type { Commit, Store } from '../store.ts';
import type { Life } from './begin-life.ts';
import { beginLife, endLife, ensureLocalOwner, previousEnd } from './begin-life.ts';
import { refuseDamage } from './check-integrity.ts';
import { Checkpointer } from './checkpointer.ts';
import { createWriter } from './create-writer.ts';
import { createFlush } from './durability.ts';
import { LogFlush } from './log-flush.ts';
import type { Migration, OnStatement } from './migrate.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { migrations as allMigrations } from './migrations.ts';
import { explainingRefusal, openDatabase, stopBlocking } from './open-database.ts';
import { prepareOnce } from './prepare-once.ts';
import { createEventReader } from './read-events.ts';
import { createRowReader } from './read-rows.ts';
import { translatingErrors } from './translate-error.ts';
import { Upkeep } from './upkeep.ts';

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
    const db = openDatabase(databasePath(directory));
    try {
      const foundVersion = schemaVersion(db);
      if (foundVersion > 0) refuseDamage(db, directory, previousEnd(db, bootId));
      migrate(db, { migrations, directory, onStatement });
      // A migration may have written all of the database anew: better copied now than while the first commits wait for it.
      if (foundVersion > 0 && foundVersion < migrations.length) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const localOwner = ensureLocalOwner(db, clock, newId);
      const life = beginLife(db, bootId);
      stopBlocking(db);
      logger.info({ directory, ...life, foundVersion, version: migrations.length }, 'Opened the store');
      return createStore({ db, life, localOwner, directory, clock, logger });
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

interface StoreParts extends Pick<OpenSqliteStoreOptions, 'directory' | 'clock' | 'logger'> {
  readonly db: DatabaseSync;
  readonly life: Life;
  readonly localOwner: Owner;
}

function createStore({ db, life, localOwner, directory, clock, logger }: StoreParts): Store {
  const prepare = prepareOnce(db);
  const checkpointer = new Checkpointer({ db, path: databasePath(directory), clock, logger });
  /** SQLite answers at once; the port's callers wait all the same, as they would for a database across a network. */
  const answer = async <Result>(work: () => Result): Promise<Result> => translatingErrors(work);
  const write = async <Result>(work: () => Result, chars = 0): Promise<Result> => {
    // Another that had waited may have filled the log again.
    for (let room; (room = checkpointer.room()) !== undefined;) await room;
    const result = translatingErrors(work);
    checkpointer.committed(chars);
    return result;
  };

  const logFlush = new LogFlush(databasePath(directory));
  const flush = createFlush({ logFlush, checkpointer, logger });
  const upkeep = new Upkeep({ work: () => write(() => writer.tidy(), sliceChars), clock, logger });
  const writer = createWriter({ db, prepare, epoch: life.epoch, onLeftover: () => upkeep.poke() });
  const rows = createRowReader(prepare);
  const log = createEventReader(prepare);
  // The life before this one may have left something.
  upkeep.poke();

  const close = async () => {
    await upkeep.stop();
    await checkpointer.close();
    await logFlush.close();
    try {
      endLife(db, life);
    } catch (error) {
      logger.warn({ err: error }, 'The store could not be marked as closed in order');
    }
    db.close();
  };
  let closing: Promise<void> | undefined;

  return {
    ...life,
    commit: (batch) => write(() => writer.commit(batch), charsOf(batch)),
    flush,

    localOwner: async () => localOwner,
    tokenByHash: (hash) => answer(() => rows.tokenByHash(hash)),
    replaceToken: async (token) => {
      await write(() => writer.replaceToken(token));
      await flush();
    },

    session: (id) => answer(() => rows.session(id)),
    sessions: (owner) => answer(() => rows.sessions(owner)),
    sessionIds: (after, limit) => answer(() => rows.sessionIds(after, limit)),
    run: (id) => answer(() => rows.run(id)),
    runs: (owner, filter) => answer(() => rows.runs(owner, filter)),
    runByIdempotencyKey: (owner, key) => answer(() => rows.runByIdempotencyKey(owner, key)),
    openRuns: () => answer(() => rows.openRuns()),
    attempts: (runId) => answer(() => rows.attempts(runId)),
    process: (id) => answer(() => rows.process(id)),
    openProcesses: () => answer(() => rows.openProcesses()),
    stdinMessages: (processId) => answer(() => rows.stdinMessages(processId)),
    permission: (id) => answer(() => rows.permission(id)),
    permissions: (owner, filter) => answer(() => rows.permissions(owner, filter)),
    pendingPermissions: (processId) => answer(() => rows.pendingPermissions(processId)),
    auditEntries: (owner, filter) => answer(() => rows.auditEntries(owner, filter)),

    lastSeq: (sessionId) => answer(() => log.lastSeq(sessionId)),
    prunedSeq: (sessionId) => answer(() => log.prunedSeq(sessionId)),
    openMessages: (sessionId) => answer(() => log.openMessages(sessionId)),
    events: (sessionId, afterSeq, limit) => answer(() => log.events(sessionId, afterSeq, limit)),
    eventsUpTo: (sessionId, lastSeq, limit) => answer(() => log.eventsUpTo(sessionId, lastSeq, limit)),
    prune: (query) => write(() => writer.prune(query), sliceChars),

    close: () => (closing ??= close()),
  };
}

/** What a slice of deletions is to the write-ahead log. */
const sliceChars = 1_000_000;

function charsOf(batch: readonly Commit[]): number {
  let chars = 0;
  for (const { events } of batch) for (const { json } of events) chars += json.length;
  return chars;
}

function databasePath(directory: string): string {
  return join(directory, 'drover.db');
}
