import { systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import type { OpenSqliteStoreOptions } from '../sqlite/open-store.ts';
import { openSqliteStore } from '../sqlite/open-store.ts';
import type { Store } from '../store.ts';
import { exampleId } from './example-rows.ts';

/** A SQLite store as the server opens it, but for what the test says. */
export function openTestStore(
  options: Pick<OpenSqliteStoreOptions, 'directory'> & Partial<OpenSqliteStoreOptions>,
): Promise<Store> {
  return openSqliteStore({
    clock: systemClock,
    newId: exampleId,
    logger: silentLogger,
    bootId: 'boot-1',
    ...options,
  });
}
