import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Tables } from '../rows.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { offsetColumns } from './process-offsets.ts';
import { columnsOf, toColumn } from './row-mapping.ts';

const db = new DatabaseSync(':memory:');
migrate(db, { migrations, directory: ':memory:' });
const tables = db
  .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
  .all()
  .map(({ name }) => String(name));

describe('the schema', () => {
  // The place of an event holds the key of its session, which SQLite cannot know.
  const owned = tables.filter((table) => table !== 'meta' && table !== 'events');
  it.each(owned)('says to which tenant each row of "%s" belongs', (table) => {
    expect(reachableFrom(table)).toContain('tenants');
  });

  it.each(Object.keys(columnsOf) as (keyof Tables)[])('has the columns that the code knows of "%s"', (table) => {
    const internal = ['key', 'pruned_seq'];
    const aside = table === 'processes' ? Object.keys(offsetColumns) : [];
    const known = Object.keys(columnsOf[table])
      .filter((property) => !aside.includes(property))
      .map(toColumn);
    const found = db.prepare(`SELECT name FROM pragma_table_info(?)`).all(table);
    expect(
      found
        .map(({ name }) => String(name))
        .filter((name) => !internal.includes(name))
        .sort(),
    ).toEqual(known.sort());
  });

  it('checks the types of all columns', () => {
    const lax = db.prepare(`SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'`).all();
    expect(lax).toEqual([]);
  });
});

/** Only by columns that are never null, so that no row is without. */
function reachableFrom(table: string, seen = new Set<string>()): Set<string> {
  if (seen.has(table)) return seen;
  seen.add(table);
  const parents = db
    .prepare(
      `SELECT fk."table" AS parent FROM pragma_foreign_key_list(?) AS fk
       JOIN pragma_table_info(?) AS column ON column.name = fk."from" WHERE column."notnull" OR column.pk`,
    )
    .all(table, table);
  for (const { parent } of parents) reachableFrom(String(parent), seen);
  return seen;
}
