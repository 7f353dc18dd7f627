import type { SessionId } from '../../contracts/ids.ts';
import type { EventRow } from '../store.ts';
import type { Prepare } from './prepare-once.ts';

export type WriteEvents = (sessionId: SessionId, events: readonly EventRow[]) => void;

/** Appends events to a session's log; what completes a message takes the message's chunks away. */
export function createEventWriter(prepare: Prepare): WriteEvents {
  const keyOf = prepare('SELECT key FROM sessions WHERE id = ?');
  const insert = prepare('INSERT INTO events (session_key, seq, json, message_id) VALUES (?, ?, ?, ?)');
  const open = prepare(
    'INSERT INTO open_messages (session_key, message_id, since_seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const close = prepare('DELETE FROM open_messages WHERE session_key = ? AND message_id = ?');
  const removeChunks = prepare('DELETE FROM events WHERE session_key = ? AND seq >= ? AND seq < ? AND message_id = ?');

  return (sessionId, events) => {
    if (events.length === 0) return;
    const key = keyOf.get(sessionId)?.['key'];
    if (key === undefined) throw new Error(`There is no session "${sessionId}" to append events to`);

    // The chunks of a message mostly follow one another: asking at the first of each row of them is enough.
    let openedMessage: string | undefined;
    for (const { seq, json, messageId, completes } of events) {
      insert.run(key, seq, json, messageId ?? null);
      if (messageId !== undefined && messageId !== openedMessage) {
        open.run(key, messageId, seq);
        openedMessage = messageId;
      }
      if (completes !== undefined) {
        removeChunks.run(key, completes.sinceSeq, seq, completes.messageId);
        close.run(key, completes.messageId);
        openedMessage = undefined;
      }
    }
  };
}
