import type { Write } from '../store.ts';
import type { Prepare } from './prepare-once.ts';
import { toColumn, toSqlValue } from './row-mapping.ts';

/** Inserts a row or changes columns of one. Throws where the row to change is not there: the writer is mistaken. */
export function writeRow(prepare: Prepare, write: Write): void {
  if ('insert' in write) insertRow(prepare, write.table, write.insert);
  else patchRow(prepare, write.table, write.id, write.patch);
}

function insertRow(prepare: Prepare, table: Write['table'], row: object): void {
  const properties = Object.keys(row);
  const columns = properties.map((property) => `"${toColumn(property)}"`).join(', ');
  const places = properties.map(() => '?').join(', ');
  prepare(`INSERT INTO ${table} (${columns}) VALUES (${places})`).run(...sqlValues(table, row));
}

function patchRow(prepare: Prepare, table: Write['table'], id: string, patch: object): void {
  const assignments = Object.keys(patch).map((property) => `"${toColumn(property)}" = ?`);
  if (assignments.length === 0) return;
  const update = prepare(`UPDATE ${table} SET ${assignments.join(', ')} WHERE id = ?`);
  if (update.run(...sqlValues(table, patch), id).changes !== 1) {
    throw new Error(`There is no row "${id}" in "${table}" to change`);
  }
}

function sqlValues(table: Write['table'], row: object) {
  return Object.entries(row).map(([property, value]) => toSqlValue(table, property, value));
}
