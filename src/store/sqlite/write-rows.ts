import type { Write } from '../store.ts';
import type { Prepare } from './prepare-once.ts';
import { createOffsetWriter, splitOffsets } from './process-offsets.ts';
import { toColumn, toSqlValue } from './row-mapping.ts';

export interface RowWriter {
  /** Inserts a row or changes columns of one. Throws where the row to change is not there: the writer is mistaken. */
  write(write: Write): void;
  /** For when a transaction was rolled back. */
  forget(): void;
}

export function createRowWriter(prepare: Prepare): RowWriter {
  const processOffsets = createOffsetWriter(prepare);

  return {
    write(write) {
      if (write.table !== 'processes') {
        if ('insert' in write) insertRow(prepare, write.table, write.insert);
        else expectRow(write, patchRow(prepare, write.table, write.id, write.patch));
      } else if ('insert' in write) {
        const { offsets, rest } = splitOffsets(write.insert);
        processOffsets.insert(insertRow(prepare, write.table, rest), offsets);
      } else {
        const { offsets, rest } = splitOffsets(write.patch);
        expectRow(write, patchRow(prepare, write.table, write.id, rest));
        if (Object.keys(offsets).length > 0) expectRow(write, processOffsets.update(write.id, offsets));
      }
    },

    forget: () => processOffsets.forget(),
  };
}

function expectRow({ table, id }: Extract<Write, { id: string }>, isThere: boolean): void {
  if (!isThere) throw new Error(`There is no row "${id}" in "${table}" to change`);
}

/** Returns the key of the row. */
function insertRow(prepare: Prepare, table: Write['table'], row: object): number | bigint {
  return prepare(statementOf('INSERT', table, Object.keys(row))).run(...sqlValues(table, row)).lastInsertRowid;
}

/** False where there is no such row. */
function patchRow(prepare: Prepare, table: Write['table'], id: string, patch: object): boolean {
  const properties = Object.keys(patch);
  if (properties.length === 0) return true;
  return prepare(statementOf('UPDATE', table, properties)).run(...sqlValues(table, patch), id).changes === 1;
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
