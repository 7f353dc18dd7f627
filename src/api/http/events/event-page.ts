import { formatCursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { EventLog, LoggedEvent } from '../../../log/event-log.ts';
import type { ReadingPlace } from './reading-place.ts';

/** An EventPage as JSON text, put together from the texts of its events: none is parsed, checked or written again. */
export async function readEventPage(
  log: Pick<EventLog, 'generation' | 'read' | 'lastSeq'>,
  sessionId: SessionId,
  { seq, reset }: ReadingPlace,
  limit: number,
): Promise<string> {
  const events = withinBytes(await log.read(sessionId, seq, limit));
  const reached = events.at(-1)?.seq ?? seq;
  const hasMore = reached < (await log.lastSeq(sessionId));
  const rest = JSON.stringify({
    cursor: formatCursor(log.generation, reached),
    hasMore,
    ...(reset === null ? {} : { reset }),
  });
  return `{"events":[${events.map(({ json }) => json).join(',')}],${rest.slice(1)}`;
}

/** Some events are large; a page that holds at least one may be shorter than was asked for. */
const pageBytes = 8 * 1024 * 1024;

function withinBytes(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  let bytes = 0;
  const end = events.findIndex(({ json }, index) => (bytes += json.length) > pageBytes && index > 0);
  return end === -1 ? events : events.slice(0, end);
}
