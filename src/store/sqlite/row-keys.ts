import type { Prepare } from './prepare-once.ts';

/** How many keys are kept in memory. */
const maxKeys = 10_000;

/** The internal keys of rows, by their ids: they never change, and are wanted with every commit. */
export interface RowKeys {
  /** Undefined where there is no such row. */
  find(id: string): number | undefined;
  /** For when a transaction was rolled back: a row that was new in it has no key any more. */
  forget(): void;
}

export function createRowKeys(prepare: Prepare, table: 'sessions' | 'processes'): RowKeys {
  const select = prepare(`SELECT key FROM ${table} WHERE id = ?`);
  const keys = new Map<string, number>();

  return {
    find(id) {
      const known = keys.get(id);
      if (known !== undefined) return known;
      const key = select.get(id)?.['key'];
      if (key === undefined) return undefined;
      if (keys.size >= maxKeys) keys.clear();
      keys.set(id, Number(key));
      return Number(key);
    },

    forget: () => keys.clear(),
  };
}
