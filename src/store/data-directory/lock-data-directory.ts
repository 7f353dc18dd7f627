import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import { isBusy } from '../sqlite/translate-error.ts';
import { prepareDataDirectory } from './prepare-data-directory.ts';
import type { ServerDescription } from './server-description.ts';
import { readServerDescription, removeServerDescription, writeServerDescription } from './server-description.ts';

export interface DataDirectoryLock {
  /** Says more about the server that holds the directory, such as its URL. */
  describe(more: Partial<ServerDescription>): void;
  /** Idempotent. */
  release(): void;
}

/**
 * Makes the directory where it is missing and takes it for this server alone, until `release` or the death of the process. Throws
 * AppError `data_directory_locked` where another server holds it, `data_directory_invalid` where it cannot be used.
 *
 * Node has no `flock`, but SQLite has locks: an open exclusive transaction on an otherwise empty database. The kernel lets go of it
 * with the process, however that ends, so no lock is ever stale and no pid has to be believed.
 */
export function lockDataDirectory(directory: string, server: ServerDescription): DataDirectoryLock {
  prepareDataDirectory(directory);
  const lock = takeLock(directory, server);
  let description = server;

  return {
    describe: (more) => writeServerDescription(directory, (description = { ...description, ...more })),
    release: () => {
      if (!lock.isOpen) return;
      removeServerDescription(directory);
      lock.close();
    },
  };
}

function takeLock(directory: string, server: ServerDescription): DatabaseSync {
  const path = join(directory, 'lock.db');
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    chmodSync(path, 0o600);
    writeServerDescription(directory, server);
    return lock;
  } catch (error) {
    lock.close();
    throw isBusy(error) ? held(directory) : unusable(directory, error);
  }
}

function held(directory: string): AppError {
  const server = readServerDescription(directory);
  const holder =
    server === null ? 'another server' : `the server with pid ${server.pid}, started at ${server.startedAt}`;
  return new AppError(
    'data_directory_locked',
    `Data directory "${directory}" is held by ${holder}; stop it, or choose another directory with --data-dir`,
    { directory, ...server },
  );
}

function unusable(directory: string, error: unknown): AppError {
  return new AppError(
    'data_directory_invalid',
    `Data directory "${directory}" cannot be locked (${String(error)}); see that it can be written to, or choose another with --data-dir`,
    { directory },
    { cause: error },
  );
}
