import type { ProcessRow } from '../rows.ts';
import type { Prepare } from './prepare-once.ts';

/** The columns of a process that stand in a table of their own, as SQL that reads them. */
export const offsetColumns = {
  outOffset: '(SELECT out_offset FROM process_offsets WHERE process_key = processes.key)',
  errOffset: '(SELECT err_offset FROM process_offsets WHERE process_key = processes.key)',
} as const;

type Offsets = Partial<Pick<ProcessRow, keyof typeof offsetColumns>>;

/** Takes the offsets out of what is to be written of a process. */
export function splitOffsets<Row extends Partial<ProcessRow>>({ outOffset, errOffset, ...rest }: Row) {
  const offsets: Offsets = {
    ...(outOffset === undefined ? {} : { outOffset }),
    ...(errOffset === undefined ? {} : { errOffset }),
  };
  return { offsets, rest };
}

export interface OffsetWriter {
  insert(processKey: number | bigint, offsets: Offsets): void;
  /** False where there is no such process. */
  update(processId: string, offsets: Offsets): boolean;
  /** For when a transaction was rolled back: a process that was new in it has no key any more. */
  forget(): void;
}

/** How many processes' keys are kept in memory. */
const maxKeys = 10_000;

export function createOffsetWriter(prepare: Prepare): OffsetWriter {
  const keyOf = prepare('SELECT key FROM processes WHERE id = ?');
  const insert = prepare('INSERT INTO process_offsets (process_key, out_offset, err_offset) VALUES (?, ?, ?)');
  const update = prepare(
    `UPDATE process_offsets SET out_offset = coalesce(?, out_offset), err_offset = coalesce(?, err_offset)
     WHERE process_key = ?`,
  );
  const keys = new Map<string, number>();

  const findKey = (processId: string): number | undefined => {
    const known = keys.get(processId);
    if (known !== undefined) return known;
    const key = keyOf.get(processId)?.['key'];
    if (key === undefined) return undefined;
    if (keys.size >= maxKeys) keys.clear();
    keys.set(processId, Number(key));
    return Number(key);
  };

  return {
    insert: (processKey, { outOffset = 0, errOffset = 0 }) => void insert.run(processKey, outOffset, errOffset),

    update: (processId, { outOffset, errOffset }) => {
      const key = findKey(processId);
      return key !== undefined && update.run(outOffset ?? null, errOffset ?? null, key).changes === 1;
    },

    forget: () => keys.clear(),
  };
}
