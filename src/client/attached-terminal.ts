import type { TerminalServerFrame } from '../contracts/terminal-socket.ts';

/** What a server says about a terminal, beside its bytes. */
export type TerminalNotice = Exclude<TerminalServerFrame, { type: 'pong' }>;

export type TerminalItem = Uint8Array | TerminalNotice;

/**
 * A run's terminal. Iterated over, it gives its bytes, each once and in order, over lost connections and restarts of the server, and
 * notices between them: `terminal` whenever a connection is there, `ended` as the last. Throws ProblemError where the server refuses, or
 * does not come back. By one reader.
 */
export interface AttachedTerminal extends AsyncIterable<TerminalItem> {
  /**
   * Types at it; false where there is no connection, and then it is not typed. What was typed into a connection that is lost may not have
   * arrived; it never arrives twice.
   */
  type(bytes: Uint8Array): boolean;
  /** By the one who types; false where there is no connection. */
  resize(size: { readonly rows: number; readonly cols: number }): boolean;
  /** Becomes the one who types, with `steal` also where somebody else is; a `writer` or an `error` is the answer. */
  take(options?: { readonly steal?: boolean }): boolean;
  release(): boolean;
  /** Ends the iteration. */
  close(): void;
}

export interface AttachOptions {
  /** The offset of the first byte; negative: so many of the last. @default 0 */
  readonly from?: number;
  /** Types at it from the beginning, where nobody else does; also when a lost connection is back. @default false */
  readonly write?: boolean;
  /** How often in a row to come back to a server that does not answer, in growing distances of up to 5 s. @default 10 (half a minute) */
  readonly maxRetries?: number;
  /** How many bytes may wait for who reads them, before the connection is given up until they are read. @default 4 MiB */
  readonly maxWaitingBytes?: number;
}
