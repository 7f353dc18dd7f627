/**
 * Where an event lies: its session's key and its seq in one number, which is the key of its row. So the events of a session follow
 * one another in one tree, without an index beside it. 27 bits are left for sessions, 36 are 68 thousand million events of each.
 */
const seqBits = 36;
export const maxSeq = 2 ** seqBits - 1;

/** In SQL, from expressions for the session's key and the seq. */
export function placeOf(sessionKey: string, seq: string): string {
  return `((${sessionKey} << ${seqBits}) | ${seq})`;
}

/** The last place of a session, in SQL. */
export function lastPlaceOf(sessionKey: string): string {
  return placeOf(sessionKey, String(maxSeq));
}

/** The seq of the event at `place`, in SQL. */
export const seqOfPlace = `(place & ${maxSeq})`;
