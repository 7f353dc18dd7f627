import { formatCursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { EventPage } from '../../../contracts/resources.ts';
import type { EventLog, LoggedEvent } from '../../../log/event-log.ts';
import type { ReadingPlace } from './reading-place.ts';

/** The events beyond a place, as an EventPage in JSON text. */
export async function readEventPage(
  log: Pick<EventLog, 'generation' | 'read' | 'lastSeq'>,
  sessionId: SessionId,
  { seq, reset }: ReadingPlace,
  limit: number,
): Promise<string> {
  const read = await log.read(sessionId, seq, limit);
  const events = read.slice(0, countWithin(pageChars, read));
  const reached = events.at(-1)?.seq ?? seq;
  return toPage(events, {
    cursor: formatCursor(log.generation, reached),
    hasMore: reached < (await log.lastSeq(sessionId)),
    ...(reset === null ? {} : { reset }),
  });
}

/** The last events up to a place, as an EventPage in JSON text. */
export async function readEventPageBefore(
  log: Pick<EventLog, 'generation' | 'readUpTo' | 'lastSeq' | 'prunedSeq'>,
  sessionId: SessionId,
  { seq, reset }: ReadingPlace,
  limit: number,
): Promise<string> {
  const read = await log.readUpTo(sessionId, seq, limit);
  const events = read.slice(read.length - countWithin(pageChars, read.toReversed()));
  const prunedSeq = await log.prunedSeq(sessionId);
  // The events between the last one and the place, if there were any, have gone.
  const start = events[0]?.prev ?? Math.min(seq, prunedSeq);
  return toPage(events, {
    cursor: formatCursor(log.generation, seq),
    hasMore: seq < (await log.lastSeq(sessionId)),
    start: formatCursor(log.generation, start),
    hasEarlier: start > prunedSeq,
    ...(reset === null ? {} : { reset }),
  });
}

/** Put together from the texts of the events: none is parsed, checked or written again. */
function toPage(events: readonly LoggedEvent[], rest: Omit<EventPage, 'events'>): string {
  return `{"events":[${events.map(({ json }) => json).join(',')}],${JSON.stringify(rest).slice(1)}`;
}

/** Some events are large; a page that holds at least one may be shorter than was asked for. */
const pageChars = 8 * 1024 * 1024;

function countWithin(limit: number, events: readonly LoggedEvent[]): number {
  let chars = 0;
  const end = events.findIndex(({ json }, index) => (chars += json.length) > limit && index > 0);
  return end === -1 ? events.length : end;
}
