import type { SessionId } from '../../contracts/ids.ts';
import type { Store, StoredEvent } from '../store.ts';
import type { Prepare } from './prepare-once.ts';

/** What a page may hold, in characters of JSON, whatever the number of its events. */
const pageChars = 10_000_000;

export type ReadEvents = Synchronous<Pick<Store, 'lastSeq' | 'openMessages' | 'events'>>;

/** The port's methods as SQLite answers them: at once. */
export type Synchronous<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

export function createEventReader(prepare: Prepare): ReadEvents {
  const keyOf = prepare('SELECT key FROM sessions WHERE id = ?');
  const newest = prepare('SELECT max(seq) AS seq FROM events WHERE session_key = ?');
  const newestUpTo = prepare('SELECT max(seq) AS seq FROM events WHERE session_key = ? AND seq <= ?');
  const page = prepare('SELECT seq, json FROM events WHERE session_key = ? AND seq > ? ORDER BY seq LIMIT ?');
  const open = prepare('SELECT message_id, since_seq FROM open_messages WHERE session_key = ?');

  const sessionKey = (sessionId: SessionId) => keyOf.get(sessionId)?.['key'] ?? null;

  return {
    lastSeq: (sessionId) => Number(newest.get(sessionKey(sessionId))?.['seq'] ?? 0),

    openMessages: (sessionId) =>
      new Map(open.all(sessionKey(sessionId)).map((row) => [String(row['message_id']), Number(row['since_seq'])])),

    events: (sessionId, afterSeq, limit) => {
      const key = sessionKey(sessionId);
      const events: StoredEvent[] = [];
      let prev = Number(newestUpTo.get(key, afterSeq)?.['seq'] ?? 0);
      let chars = 0;
      for (const row of page.iterate(key, afterSeq, limit)) {
        const event = { seq: Number(row['seq']), prev, json: String(row['json']) };
        events.push(event);
        prev = event.seq;
        chars += event.json.length;
        if (chars >= pageChars) break;
      }
      return events;
    },
  };
}
