import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { exampleId } from '../exercise/example-rows.ts';
import { openTestStore } from '../exercise/open-test-store.ts';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { ensureLocalOwner } from './begin-life.ts';
import { syntheticMigrations } from './fixtures/synthetic-migrations.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';

const program = fileURLToPath(new URL('./fixtures/migrate-and-die.ts', import.meta.url));
const newest = syntheticMigrations.length;

describe('a migration', () => {
  const points = syntheticMigrations.flatMap(({ statements }, index) =>
    statements.map((_, number) => [index + 1, number] as const),
  );
  // Every point of the newest migration, and of the others the first, the middle and the last.
  const chosen = points.filter(([version, number]) => {
    const count = syntheticMigrations[version - 1]?.statements.length ?? 0;
    return version === newest || [0, count >> 1, count - 1].includes(number);
  });

  it.each(chosen)(
    'to version %i that is killed after statement %i leaves the old schema, and is done again',
    async (version, statement) => {
      const directory = temporaryDirectory();
      if (version > 1) {
        makeOld(directory, version - 1);
      }

      const child = spawnSync(process.execPath, [
        program,
        directory,
        String(newest),
        String(version),
        String(statement),
      ]);
      expect({ signal: child.signal, stderr: String(child.stderr) }).toEqual({ signal: 'SIGKILL', stderr: '' });
      expect(versionIn(directory)).toBe(version - 1);

      const store = await openTestStore({ directory, migrations: syntheticMigrations });
      expect(versionIn(directory)).toBe(newest);
      if (version > 1) expect(await store.tokenByHash('aa')).toMatchObject({ id: 'token' });
      await store.replaceToken({ ...(await store.localOwner()), id: 'another', hash: 'bb', createdAt: '' });
      expect(await store.tokenByHash('bb')).toMatchObject({ id: 'another' });
      await store.close();
    },
  );

  it('that leaves a reference to nothing is not made', () => {
    const db = new DatabaseSync(':memory:');
    const statements = [`INSERT INTO users (id, tenant_id, created_at) VALUES ('u', 'nobody', '')`];
    const careless = [...migrations, { name: 'careless', statements }];
    expect(() => migrate(db, { migrations: careless, directory: '' })).toThrow(/"careless".*"users"/);
    expect(schemaVersion(db)).toBe(migrations.length);
    db.close();
  });
});

describe('a database that is newer than the code', () => {
  it('is refused, with both versions and the way out, and left as it is', async () => {
    const directory = temporaryDirectory();
    await (await openTestStore({ directory, migrations: syntheticMigrations })).close();
    await expect(openTestStore({ directory })).rejects.toMatchObject({
      code: 'data_directory_invalid',
      message:
        `Data directory "${directory}" has schema version ${newest}, this Drover knows up to ${migrations.length}; ` +
        'install the newer Drover that wrote it, restore a backup, or choose another directory with --data-dir',
    });
    expect(versionIn(directory)).toBe(newest);
  });
});

/** A database as an earlier Drover left it, with a token in it. */
function makeOld(directory: string, version: number): void {
  const db = openDatabase(join(directory, 'drover.db'));
  migrate(db, { migrations: syntheticMigrations.slice(0, version), directory });
  const { tenantId, userId } = ensureLocalOwner(db, systemClock, exampleId);
  db.prepare(`INSERT INTO tokens (id, tenant_id, user_id, hash, created_at) VALUES ('token', ?, ?, 'aa', '')`).run(
    tenantId,
    userId,
  );
  db.close();
}

function versionIn(directory: string): number {
  const db = new DatabaseSync(join(directory, 'drover.db'));
  try {
    return schemaVersion(db);
  } finally {
    db.close();
  }
}
