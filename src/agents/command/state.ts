/** What must be remembered between two lines; committed with every offset, so it stays small. */
export interface State {
  /** What the names of the messages begin with: unique, since a program has no names for what it says. */
  readonly prefix: string;
  /** How many messages are complete. */
  readonly complete: number;
  /** What there is of the message that is being printed: at most `maxMessage` characters. */
  readonly text: string;
  /** Where that message is empty: the one before it. */
  readonly last: string;
}

/** Rises with every change of `State` that an older translator could not read. */
export const stateVersion = 1;

/** Of a message; what a program prints beyond is another one. */
export const maxMessage = 16_384;

export function initialState(_nativeSessionId: string | null = null, processId = ''): State {
  return { prefix: processId, complete: 0, text: '', last: '' };
}

export function messageId({ prefix, complete }: State): string {
  return `${prefix}/output-${complete + 1}`;
}
