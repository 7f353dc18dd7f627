import type { Migration } from '../migrate.ts';

/**
 * How far the logs of a process are read changes with every commit, and mostly nothing else of its row does: in a table of their own
 * the offsets of two hundred processes fill one page.
 */
export const processOffsets: Migration = {
  name: 'process-offsets',
  statements: [
    `CREATE TABLE process_offsets (
      process_key INTEGER PRIMARY KEY REFERENCES processes (key),
      out_offset INTEGER NOT NULL,
      err_offset INTEGER NOT NULL
    ) STRICT`,
    `INSERT INTO process_offsets (process_key, out_offset, err_offset)
     SELECT key, out_offset, err_offset FROM processes`,
    `ALTER TABLE processes DROP COLUMN out_offset`,
    `ALTER TABLE processes DROP COLUMN err_offset`,
  ],
};
