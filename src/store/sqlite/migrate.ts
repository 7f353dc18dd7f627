import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import { inTransaction } from './in-transaction.ts';

export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** Called after each statement, inside its transaction. */
export type OnStatement = (version: number, statement: number) => void;

export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  /** For messages. */
  readonly directory: string;
  readonly onStatement?: OnStatement | undefined;
}

/**
 * Brings the schema up to date: each migration in one transaction with the version that it leads to, so that a server killed in
 * between finds the old schema or the new one. Throws AppError `data_directory_invalid` where the schema is newer than this code.
 */
export function migrate(db: DatabaseSync, { migrations, directory, onStatement }: MigrateOptions): void {
  const found = schemaVersion(db);
  if (found > migrations.length) {
    throw new AppError(
      'data_directory_invalid',
      `Data directory "${directory}" has schema version ${found}, this Drover knows up to ${migrations.length}; ` +
        'install the newer Drover that wrote it, restore a backup, or choose another directory with --data-dir',
      { foundVersion: found, knownVersion: migrations.length },
    );
  }

  // A migration may have to rebuild a table that others refer to; what it leaves behind is checked as a whole.
  db.exec('PRAGMA foreign_keys = OFF');
  migrations.slice(found).forEach(({ name, statements }, index) => {
    const version = found + index + 1;
    inTransaction(db, () => {
      statements.forEach((statement, number) => {
        db.exec(statement);
        onStatement?.(version, number);
      });
      refuseDanglingReferences(db, name);
      db.exec(`PRAGMA user_version = ${version}`);
    });
  });
  db.exec('PRAGMA foreign_keys = ON');
}

export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}

function refuseDanglingReferences(db: DatabaseSync, migration: string): void {
  const dangling = db.prepare('PRAGMA foreign_key_check').get();
  if (dangling !== undefined) {
    throw new Error(`Migration "${migration}" leaves rows of "${String(dangling['table'])}" that refer to nothing`);
  }
}
