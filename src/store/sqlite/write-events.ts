import type { SessionId } from '../../contracts/ids.ts';
import type { EventRow } from '../store.ts';
import type { Budget, Compaction } from './compact-messages.ts';
import { placeOf } from './event-place.ts';
import type { Prepare } from './prepare-once.ts';
import { createRowKeys } from './row-keys.ts';

export interface EventWriter {
  /** Appends events to a session's log; what completes a message takes the message's chunks away. */
  write(sessionId: SessionId, events: readonly EventRow[], budget: Budget): void;
  /** For when a transaction was rolled back. */
  forget(): void;
}

export function createEventWriter(prepare: Prepare, compaction: Pick<Compaction, 'complete'>): EventWriter {
  const keys = createRowKeys(prepare, 'sessions');
  const insert = prepare(`INSERT INTO events (place, json, message_id) VALUES (${placeOf('?', '?')}, ?, ?)`);
  const open = prepare(
    'INSERT INTO open_messages (session_key, message_id, since_seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const close = prepare('DELETE FROM open_messages WHERE session_key = ? AND message_id = ?');

  return {
    write(sessionId, events, budget) {
      if (events.length === 0) return;
      const sessionKey = keys.find(sessionId);
      if (sessionKey === undefined) throw new Error(`There is no session "${sessionId}" to append events to`);
      for (const { seq, json, messageId, opens, completes } of events) {
        insert.run(sessionKey, seq, json, messageId ?? null);
        if (messageId !== undefined && opens === true) open.run(sessionKey, messageId, seq);
        if (completes !== undefined) {
          compaction.complete({ sessionKey, ...completes, endSeq: seq }, budget);
          close.run(sessionKey, completes.messageId);
        }
      }
    },

    forget: () => keys.forget(),
  };
}
