import { formatCursor } from '../../../contracts/cursor.ts';
import type { BatchFormat } from '../../../log/event-batch.ts';
import type { EventLog } from '../../../log/event-log.ts';

/** A batch as bytes of `text/event-stream`; made once, sent to every reader. */
export type ServerSentEvents = BatchFormat<Buffer>;

/** The `id` of each event is its cursor (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function serverSentEvents(log: Pick<EventLog, 'generation'>): ServerSentEvents {
  return (events) => {
    let text = '';
    for (const { seq, json } of events) text += `id: ${formatCursor(log.generation, seq)}\ndata: ${json}\n\n`;
    return Buffer.from(text);
  };
}
