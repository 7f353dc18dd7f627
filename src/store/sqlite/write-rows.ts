import type { Write } from '../store.ts';
import type { Prepare } from './prepare-once.ts';
import { toColumn, toSqlValue } from './row-mapping.ts';

/** Inserts a row or changes columns of one. Throws where the row to change is not there: the writer is mistaken. */
export function writeRow(prepare: Prepare, write: Write): void {
  if ('insert' in write) insertRow(prepare, write.table, write.insert);
  else patchRow(prepare, write.table, write.id, write.patch);
}

function insertRow(prepare: Prepare, table: Write['table'], row: object): void {
  prepare(statementOf('INSERT', table, Object.keys(row))).run(...sqlValues(table, row));
}

function patchRow(prepare: Prepare, table: Write['table'], id: string, patch: object): void {
  const properties = Object.keys(patch);
  if (properties.length === 0) return;
  if (prepare(statementOf('UPDATE', table, properties)).run(...sqlValues(table, patch), id).changes !== 1) {
    throw new Error(`There is no row "${id}" in "${table}" to change`);
  }
}

/** There are few shapes of writes, and thousands of writes a second. */
const statements = new Map<string, string>();

function statementOf(verb: 'INSERT' | 'UPDATE', table: Write['table'], properties: readonly string[]): string {
  const shape = `${verb} ${table} ${properties.join()}`;
  let sql = statements.get(shape);
  if (sql === undefined) statements.set(shape, (sql = verb === 'INSERT' ? insertOf() : updateOf()));
  return sql;

  function insertOf(): string {
    const columns = properties.map((property) => `"${toColumn(property)}"`).join(', ');
    return `INSERT INTO ${table} (${columns}) VALUES (${properties.map(() => '?').join(', ')})`;
  }

  function updateOf(): string {
    const assignments = properties.map((property) => `"${toColumn(property)}" = ?`).join(', ');
    return `UPDATE ${table} SET ${assignments} WHERE id = ?`;
  }
}

function sqlValues(table: Write['table'], row: object) {
  return Object.entries(row).map(([property, value]) => toSqlValue(table, property, value));
}
