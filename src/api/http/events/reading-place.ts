import { formatCursor, parseCursor, type Cursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { EventPage, ResetReason } from '../../../contracts/resources.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { EventLog } from '../../../log/event-log.ts';

/** Where in a session's log a reader goes on. */
export interface ReadingPlace {
  /** The last event that the reader has; going backwards, the last one that it wants. */
  readonly seq: number;
  /** Set where its cursor could not be continued. */
  readonly reset: Reset | null;
}

export type Reset = NonNullable<EventPage['reset']>;

type Places = Pick<EventLog, 'generation' | 'lastSeq' | 'prunedSeq'>;

/**
 * Finds the place of a cursor from which to go on; none means the beginning. One that cannot be continued becomes the place in front of
 * the first event that is left. Throws AppError `invalid_request` where the text is no cursor.
 */
export async function findReadingPlace(
  log: Places,
  sessionId: SessionId,
  text: string | undefined,
): Promise<ReadingPlace> {
  const cursor = text === undefined ? { generation: null, seq: 0 } : readCursor(log, text);
  const prunedSeq = await log.prunedSeq(sessionId);
  const reason = (await reasonToReset(log, sessionId, cursor)) ?? (cursor.seq < prunedSeq ? 'pruned' : null);
  return reason === null ? { seq: cursor.seq, reset: null } : { seq: prunedSeq, reset: { reason } };
}

/** As a cursor: the newest event. */
const end = 'end';

/** Finds the place of a cursor from which to go back, or of `end`; one that cannot be continued becomes the newest event. */
export async function findPlaceToGoBackFrom(log: Places, sessionId: SessionId, text: string): Promise<ReadingPlace> {
  if (text === end) return { seq: await log.lastSeq(sessionId), reset: null };
  const cursor = readCursor(log, text, ` or ${end}`);
  const reason = await reasonToReset(log, sessionId, cursor);
  return reason === null ? { seq: cursor.seq, reset: null } : { seq: await log.lastSeq(sessionId), reset: { reason } };
}

function readCursor({ generation }: Places, text: string, others = ''): Cursor {
  const cursor = parseCursor(text);
  if (cursor !== null) return cursor;
  const example = formatCursor(generation, 42);
  throw new AppError(
    'invalid_request',
    `The cursor ${JSON.stringify(text.slice(0, 100))} is not valid: expected "<generation>-<seq>" such as "${example}", or 0${others}`,
  );
}

async function reasonToReset(log: Places, sessionId: SessionId, cursor: Cursor): Promise<ResetReason | null> {
  if (cursor.generation !== null && cursor.generation !== log.generation) return 'generation';
  return cursor.seq > (await log.lastSeq(sessionId)) ? 'future' : null;
}
