/**
 * A reader's place in a session's log: `<generation>-<seq>`, the last `seq` it has seen. The same cursor works on every transport.
 * The generation rises when events that were delivered may have been lost (the machine went down uncleanly, a backup was restored);
 * a cursor of an older one is answered by a reset.
 */
export interface Cursor {
  /** Null: the reader did not say, so the present one is meant. */
  readonly generation: number | null;
  readonly seq: number;
}

export const cursorPattern = /^(?:(\d{1,10})-)?(\d{1,15})$/;

/** Reads a cursor; null where the text is none. A bare number is a `seq` of the present generation. */
export function parseCursor(text: string): Cursor | null {
  const match = cursorPattern.exec(text);
  if (match === null) return null;
  return { generation: match[1] === undefined ? null : Number(match[1]), seq: Number(match[2]) };
}

export function formatCursor(generation: number, seq: number): string {
  return `${generation}-${seq}`;
}
