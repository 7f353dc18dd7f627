import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { exampleSession } from '../exercise/example-rows.ts';
import { exerciseStore } from '../exercise/exercise-store.ts';
import { openTestStore } from '../exercise/open-test-store.ts';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { RetryableStoreError } from '../retryable-store-error.ts';
import type { Store } from '../store.ts';

exerciseStore('SQLite', () => {
  const directory = temporaryDirectory();
  return { open: (bootId = 'boot-1') => openTestStore({ directory, bootId }) };
});

describe('openSqliteStore', () => {
  it('makes files that only their owner can read, and leaves one when it is closed', async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    const store = await openTestStore({ directory });
    await insertSession(store);
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    expect(Object.fromEntries(modes)).toEqual({ 'drover.db': 0o600, 'drover.db-wal': 0o600, 'drover.db-shm': 0o600 });
    await store.close();
    expect(readdirSync(directory)).toEqual(['drover.db']);
  });

  it('refuses a file that is no database', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'drover.db'), 'not a database'.repeat(1_000));
    await expect(openTestStore({ directory })).rejects.toMatchObject({
      code: 'data_directory_invalid',
      message: expect.stringMatching(/damaged .*restore a backup/) as string,
    });
  });

  it('refuses a database with a damaged page', async () => {
    const directory = temporaryDirectory();
    const store = await openTestStore({ directory });
    for (let index = 0; index < 100; index += 1) await insertSession(store);
    await store.close();
    const path = join(directory, 'drover.db');
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length - 3 * 4096);
    writeFileSync(path, bytes);
    await expect(openTestStore({ directory })).rejects.toMatchObject({ code: 'data_directory_invalid' });
  });

  it('refuses a directory that is not there', async () => {
    const directory = join(temporaryDirectory(), 'missing');
    await expect(openTestStore({ directory })).rejects.toMatchObject({ code: 'data_directory_invalid' });
  });
});

describe('a SQLite store whose database another program holds', () => {
  it('rejects a commit at once as one to be tried again, and takes it afterwards', async () => {
    const directory = temporaryDirectory();
    const store = await openTestStore({ directory });
    const other = new DatabaseSync(join(directory, 'drover.db'));
    other.exec('BEGIN IMMEDIATE');
    await expect(insertSession(store)).rejects.toBeInstanceOf(RetryableStoreError);
    other.exec('ROLLBACK');
    other.close();
    const session = await insertSession(store);
    expect(await store.session(session.id)).toEqual(session);
    await store.close();
  });
});

async function insertSession(store: Store) {
  const session = exampleSession(await store.localOwner());
  const writes = [{ table: 'sessions', insert: session }] as const;
  await store.commit([{ epoch: store.epoch, sessionId: session.id, events: [], writes }]);
  return session;
}
