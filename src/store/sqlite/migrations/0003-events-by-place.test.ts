import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../kernel/clock.ts';
import { exampleId } from '../../exercise/example-rows.ts';
import { openTestStore } from '../../exercise/open-test-store.ts';
import { temporaryDirectory } from '../../exercise/temporary-directory.ts';
import { ensureLocalOwner } from '../begin-life.ts';
import { migrate } from '../migrate.ts';
import { migrations } from '../migrations.ts';
import { openDatabase } from '../open-database.ts';

it('keeps the events of every session', async () => {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'drover.db'));
  migrate(db, { migrations: migrations.slice(0, 2), directory });
  const { tenantId, userId } = ensureLocalOwner(db, systemClock, exampleId);
  const ids = [exampleId('ses'), exampleId('ses')] as const;
  ids.forEach((id, index) => {
    db.prepare(
      `INSERT INTO sessions (key, id, tenant_id, user_id, profile, workspace_path, created_at) VALUES (?, ?, ?, ?, '', '', '')`,
    ).run(index + 1, id, tenantId, userId);
    const insert = db.prepare('INSERT INTO events (session_key, seq, json, message_id) VALUES (?, ?, ?, ?)');
    for (const seq of [1, 3, 1_000_000]) insert.run(index + 1, seq, `{"of":${index}}`, seq === 3 ? 'm' : null);
  });
  db.close();

  const store = await openTestStore({ directory });
  for (const [index, id] of ids.entries()) {
    const json = `{"of":${index}}`;
    expect(await store.events(id, 0, 10)).toEqual([
      { seq: 1, prev: 0, json },
      { seq: 3, prev: 1, json },
      { seq: 1_000_000, prev: 3, json },
    ]);
    expect(await store.lastSeq(id)).toBe(1_000_000);
  }
  await store.close();
});
