import type { Migration } from '../migrate.ts';

/**
 * A row of events is found by one number, its place (`event-place.ts`), so that the table needs no index beside itself: a commit
 * writes a page less, and what belongs together lies together. Measured: half as many inserts again per second.
 */
export const eventsByPlace: Migration = {
  name: 'events-by-place',
  statements: [
    `CREATE TABLE events_by_place (
      place INTEGER PRIMARY KEY,
      json TEXT NOT NULL,
      message_id TEXT
    ) STRICT`,
    `INSERT INTO events_by_place (place, json, message_id)
     SELECT (session_key << 36) | seq, json, message_id FROM events ORDER BY session_key, seq`,
    `DROP TABLE events`,
    `ALTER TABLE events_by_place RENAME TO events`,
  ],
};
