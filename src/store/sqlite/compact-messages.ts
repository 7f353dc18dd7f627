import { placeOf } from './event-place.ts';
import type { Prepare } from './prepare-once.ts';

/** How many places in the log one commit may go through for chunks that are to go: some milliseconds. */
export const sliceSeqs = 2_000;

export interface Compaction {
  /** Makes the chunks of a complete message go: at once where there are few, otherwise later, slice by slice. */
  complete(message: CompleteMessage, budget: Budget): void;
  /** Makes another slice of what was left for later go; false where nothing is. */
  next(): boolean;
}

export interface CompleteMessage {
  readonly sessionKey: number;
  readonly messageId: string;
  /** Of its first chunk. */
  readonly sinceSeq: number;
  /** Of the event that completes it. */
  readonly endSeq: number;
}

/** What is left of the places that one commit may go through. */
export interface Budget {
  seqs: number;
}

/**
 * The last chunks go first: a reader in between finds the beginning of the message, as somebody would who had followed it live, and
 * then the whole. What is left is a row, so that the next life goes on with it.
 */
export function createCompaction(prepare: Prepare, onLeftover: () => void): Compaction {
  const remove = prepare(
    `DELETE FROM events
     WHERE place >= ${placeOf('?1', '?2')} AND place < ${placeOf('?1', '?3')} AND message_id = ?4`,
  );
  const leave = prepare(
    'INSERT INTO leftover_chunks (session_key, since_seq, end_seq, message_id) VALUES (?, ?, ?, ?)',
  );
  const oldest = prepare('SELECT session_key, since_seq, end_seq, message_id FROM leftover_chunks LIMIT 1');
  const shorten = prepare('UPDATE leftover_chunks SET end_seq = ? WHERE session_key = ? AND since_seq = ?');
  const finish = prepare('DELETE FROM leftover_chunks WHERE session_key = ? AND since_seq = ?');

  return {
    complete({ sessionKey, messageId, sinceSeq, endSeq }, budget) {
      budget.seqs -= endSeq - sinceSeq;
      if (budget.seqs >= 0) {
        remove.run(sessionKey, sinceSeq, endSeq, messageId);
      } else {
        leave.run(sessionKey, sinceSeq, endSeq, messageId);
        onLeftover();
      }
    },

    next() {
      const row = oldest.get();
      if (row === undefined) return false;
      const [sessionKey, sinceSeq, endSeq] = [row['session_key'], row['since_seq'], row['end_seq']].map(Number);
      const from = Math.max(Number(sinceSeq), Number(endSeq) - sliceSeqs);
      remove.run(Number(sessionKey), from, Number(endSeq), String(row['message_id']));
      if (from > Number(sinceSeq)) shorten.run(from, Number(sessionKey), Number(sinceSeq));
      else finish.run(Number(sessionKey), Number(sinceSeq));
      return true;
    },
  };
}
