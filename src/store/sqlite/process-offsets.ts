import type { ProcessRow } from '../rows.ts';
import type { Prepare } from './prepare-once.ts';
import { createRowKeys } from './row-keys.ts';

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
  /** For when a transaction was rolled back. */
  forget(): void;
}

export function createOffsetWriter(prepare: Prepare): OffsetWriter {
  const keys = createRowKeys(prepare, 'processes');
  const insert = prepare('INSERT INTO process_offsets (process_key, out_offset, err_offset) VALUES (?, ?, ?)');
  const update = prepare(
    `UPDATE process_offsets SET out_offset = coalesce(?, out_offset), err_offset = coalesce(?, err_offset)
     WHERE process_key = ?`,
  );

  return {
    insert: (processKey, { outOffset = 0, errOffset = 0 }) => void insert.run(processKey, outOffset, errOffset),

    update: (processId, { outOffset, errOffset }) => {
      const key = keys.find(processId);
      return key !== undefined && update.run(outOffset ?? null, errOffset ?? null, key).changes === 1;
    },

    forget: () => keys.forget(),
  };
}
