import { formatCursor, parseCursor } from '../../../contracts/cursor.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { EventPage } from '../../../contracts/resources.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { EventLog } from '../../../log/event-log.ts';

/** Where in a session's log a reader goes on. */
export interface ReadingPlace {
  /** The last event that the reader has. */
  readonly seq: number;
  /** Set where its cursor could not be continued, so that it starts from the beginning. */
  readonly reset: Reset | null;
}

export type Reset = NonNullable<EventPage['reset']>;

/** Finds the place of a cursor; none means the beginning. Throws AppError `invalid_request` where the text is no cursor. */
export async function findReadingPlace(
  log: Pick<EventLog, 'generation' | 'lastSeq'>,
  sessionId: SessionId,
  text: string | undefined,
): Promise<ReadingPlace> {
  if (text === undefined) return { seq: 0, reset: null };
  const cursor = parseCursor(text);
  if (cursor === null) {
    const example = formatCursor(log.generation, 42);
    throw new AppError(
      'invalid_request',
      `The cursor ${JSON.stringify(text.slice(0, 100))} is not valid: expected "<generation>-<seq>" such as "${example}", or 0`,
    );
  }
  if (cursor.generation !== null && cursor.generation !== log.generation) return fromTheBeginning('generation');
  return cursor.seq > (await log.lastSeq(sessionId)) ? fromTheBeginning('future') : { seq: cursor.seq, reset: null };
}

function fromTheBeginning(reason: Reset['reason']): ReadingPlace {
  return { seq: 0, reset: { reason } };
}
