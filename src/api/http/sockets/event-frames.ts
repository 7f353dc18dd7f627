import { formatCursor } from '../../../contracts/cursor.ts';
import type { BatchFormat } from '../../../log/event-batch.ts';
import type { EventLog, LoggedEvent } from '../../../log/event-log.ts';

/** A batch as the text of an `events` frame; made once, sent to every socket. */
export type EventFrames = BatchFormat<Buffer>;

/** Put together from the texts of the events: none is parsed, checked or written again. */
export function eventFrames(log: Pick<EventLog, 'generation'>): EventFrames {
  return (events) => {
    const [first] = events;
    if (first === undefined) throw new Error('A batch without events was to be sent');
    const cursor = formatCursor(log.generation, events.at(-1)?.seq ?? first.seq);
    const head = `{"type":"events","sessionId":"${sessionIdOf(first)}","cursor":"${cursor}","events":[`;
    return Buffer.from(`${head}${events.map(({ json }) => json).join(',')}]}`);
  };
}

/** Which stands in front of all that an agent can say (`serialiseEvents`), and so is the first of that name. */
function sessionIdOf({ json }: LoggedEvent): string {
  const sessionId = /"sessionId":"(ses_[0-9a-f-]+)"/.exec(json.slice(0, 200))?.[1];
  if (sessionId === undefined) throw new Error('An event does not begin with its session');
  return sessionId;
}
