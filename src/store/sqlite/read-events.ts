import type { SessionId } from '../../contracts/ids.ts';
import type { Store, StoredEvent } from '../store.ts';
import { lastPlaceOf, maxSeq, placeOf, seqOfPlace } from './event-place.ts';
import type { Prepare } from './prepare-once.ts';

/** What a page may hold, in bytes of JSON, whatever the number of its events. */
const pageBytes = 10_000_000;

export type ReadEvents = Synchronous<Pick<Store, 'lastSeq' | 'prunedSeq' | 'openMessages' | 'events' | 'eventsUpTo'>>;

/** The port's methods as SQLite answers them: at once. */
export type Synchronous<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

export function createEventReader(prepare: Prepare): ReadEvents {
  const find = prepare('SELECT key, pruned_seq FROM sessions WHERE id = ?');
  const newestUpTo = prepare(
    `SELECT ${seqOfPlace} AS seq FROM events
     WHERE place > ${placeOf('?1', '0')} AND place <= ${placeOf('?1', '?2')} ORDER BY place DESC LIMIT 1`,
  );
  const beyond = createPageReader(
    prepare,
    `WHERE place > ${placeOf('?1', '?2')} AND place <= ${lastPlaceOf('?1')} ORDER BY place LIMIT ?3`,
  );
  const upTo = createPageReader(
    prepare,
    `WHERE place > ${placeOf('?1', '0')} AND place <= ${placeOf('?1', '?2')} ORDER BY place DESC LIMIT ?3`,
  );
  const open = prepare('SELECT message_id, since_seq FROM open_messages WHERE session_key = ?');

  const findSession = (sessionId: SessionId) => {
    const row = find.get(sessionId);
    return row === undefined ? null : { key: Number(row['key']), prunedSeq: Number(row['pruned_seq']) };
  };

  /** The newest event up to a place; where all that came before has been pruned, that is what came before. */
  const newest = ({ key, prunedSeq }: FoundSession, seq = maxSeq) =>
    Number(newestUpTo.get(key, seq)?.['seq'] ?? prunedSeq);

  const withPrevious = (session: FoundSession, rows: readonly SeqAndJson[]): StoredEvent[] => {
    const [first] = rows;
    if (first === undefined) return [];
    let prev = newest(session, first[0] - 1);
    return rows.map(([seq, json]) => {
      const event = { seq, prev, json };
      prev = seq;
      return event;
    });
  };

  return {
    lastSeq: (sessionId) => {
      const session = findSession(sessionId);
      return session === null ? 0 : newest(session);
    },

    prunedSeq: (sessionId) => findSession(sessionId)?.prunedSeq ?? 0,

    openMessages: (sessionId) =>
      new Map(
        open
          .all(findSession(sessionId)?.key ?? null)
          .map((row) => [String(row['message_id']), Number(row['since_seq'])]),
      ),

    events: (sessionId, afterSeq, limit) => {
      const session = findSession(sessionId);
      return session === null ? [] : withPrevious(session, beyond(session.key, Math.min(afterSeq, maxSeq), limit));
    },

    eventsUpTo: (sessionId, lastSeq, limit) => {
      const session = findSession(sessionId);
      return session === null
        ? []
        : withPrevious(session, upTo(session.key, Math.min(lastSeq, maxSeq), limit).reverse());
    },
  };
}

interface FoundSession {
  readonly key: number;
  readonly prunedSeq: number;
}

type SeqAndJson = [seq: number, json: string];

/**
 * Reads as many as fit into memory, but at least one. Rows come as arrays and all at once: half the time of one object after
 * another, and replay is little else.
 */
function createPageReader(prepare: Prepare, where: string) {
  const size = prepare(`SELECT sum(bytes) AS bytes FROM (SELECT octet_length(json) AS bytes FROM events ${where})`);
  const read = prepare(`SELECT ${seqOfPlace}, json FROM events ${where}`);
  read.setReturnArrays(true);

  return (sessionKey: number, seq: number, limit: number): SeqAndJson[] => {
    // Sizes stand in the headers of rows: what they hold is not read for it.
    const bytes = Number(size.get(sessionKey, seq, limit)?.['bytes'] ?? 0);
    const isSmall = bytes <= pageBytes || limit <= 1;
    const rows = isSmall ? read.all(sessionKey, seq, limit) : takePage(read.iterate(sessionKey, seq, limit));
    return rows as unknown as SeqAndJson[];
  };
}

function takePage(rows: Iterable<unknown>): unknown[] {
  const page: unknown[] = [];
  let bytes = 0;
  for (const row of rows) {
    page.push(row);
    bytes += (row as SeqAndJson)[1].length;
    if (bytes >= pageBytes) break;
  }
  return page;
}
