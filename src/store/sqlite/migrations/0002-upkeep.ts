import type { Migration } from '../migrate.ts';

/** What is done bit by bit has to be remembered: chunks that are still to go, and up to where a session was pruned. */
export const upkeep: Migration = {
  name: 'upkeep',
  statements: [
    // Messages that are complete and had many chunks: those from `since_seq` on and before `end_seq` may still be there.
    `CREATE TABLE leftover_chunks (
      session_key INTEGER NOT NULL REFERENCES sessions (key),
      since_seq INTEGER NOT NULL,
      end_seq INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      PRIMARY KEY (session_key, since_seq)
    ) STRICT, WITHOUT ROWID`,

    // Events up to this one have gone because of their age.
    `ALTER TABLE sessions ADD COLUMN pruned_seq INTEGER NOT NULL DEFAULT 0`,
  ],
};
