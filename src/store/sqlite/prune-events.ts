import type { Pruned, PruneQuery } from '../store.ts';
import { lastPlaceOf, placeOf, seqOfPlace } from './event-place.ts';
import type { Prepare } from './prepare-once.ts';
import { isOpenRun } from './read-rows.ts';

/** What one commit removes at most: some milliseconds. */
const sliceEvents = 1_000;
const sliceBytes = 4_000_000;

/** Removes the oldest events of a session, a slice at a time; only ever from the beginning, so that one number says what has gone. */
export function createPruning(prepare: Prepare): (query: PruneQuery) => Pruned {
  const find = prepare('SELECT key, pruned_seq FROM sessions WHERE id = ?');
  const openRuns = prepare(`SELECT id FROM runs WHERE session_id = ? AND ${isOpenRun}`);
  const oldest = prepare(
    `SELECT ${seqOfPlace} AS seq, octet_length(json) AS bytes, json ->> '$.at' AS at, json ->> '$.runId' AS run_id
     FROM events WHERE place > ${placeOf('?1', '?2')} AND place <= ${lastPlaceOf('?1')}
     ORDER BY place LIMIT ${sliceEvents}`,
  );
  const remove = prepare(`DELETE FROM events WHERE place > ${placeOf('?1', '?2')} AND place <= ${placeOf('?1', '?3')}`);
  const remember = prepare('UPDATE sessions SET pruned_seq = ? WHERE key = ?');

  return ({ sessionId, before }) => {
    const session = find.get(sessionId);
    const [key, prunedSeq] = [Number(session?.['key']), Number(session?.['pruned_seq'])];
    const open = new Set(openRuns.all(sessionId).map(({ id }) => id));
    let [last, count, bytes] = [prunedSeq, 0, 0];
    for (const row of session === undefined ? [] : oldest.iterate(key, prunedSeq)) {
      if (String(row['at']) >= before || open.has(row['run_id'] ?? '') || bytes >= sliceBytes) break;
      last = Number(row['seq']);
      count += 1;
      bytes += Number(row['bytes']);
    }
    if (count > 0) {
      remove.run(key, prunedSeq, last);
      remember.run(last, key);
    }
    return { events: count, hasMore: count === sliceEvents || bytes >= sliceBytes };
  };
}
