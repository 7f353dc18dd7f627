import type { Event } from '../contracts/events.ts';
import type { AnswerPermission, Permission } from '../contracts/permission.ts';
import type { RunSummary } from '../contracts/resources.ts';
import type { FollowOptions, StreamReset } from './follow-events.ts';

/**
 * Many sessions, the lives of all, and answers, on one WebSocket. It is opened at the first use, and again with the cursors of all who
 * read whenever it is lost; close it when it is done with.
 */
export interface DroverSocket {
  /**
   * The events of a session, stored and live, each once and in order, as `DroverClient.events` has them; of each session by one reader
   * at a time. Throws ProblemError where the server refuses, or does not come back.
   */
  subscribe(sessionId: string, options?: Omit<FollowOptions, 'maxRetries'>): AsyncIterable<Event | StreamReset>;
  /**
   * The runs that are open, then what happens in the lives of all sessions; the runs once more whenever something may have been
   * missed. An event may tell what they show already. By one reader at a time.
   */
  watch(options?: Pick<FollowOptions, 'signal'>): AsyncIterable<Event | OpenRuns>;
  /** Rejects with ProblemError: `already_resolved`, or `server_unreachable` where it is not known whether the answer arrived. */
  answer(permissionId: string, answer: AnswerPermission): Promise<Permission>;
  /** Ends everything that reads, without an error. */
  close(): void;
}

/** Newest first. */
export interface OpenRuns {
  readonly runs: readonly RunSummary[];
}

export interface SocketOptions {
  /** How often in a row to come back to a server that does not answer, in growing distances of up to 5 s. @default 10 (half a minute) */
  readonly maxRetries?: number;
  /** How many events of one session may wait for who reads them, before the server is told to hold them back. @default 1000 */
  readonly maxWaiting?: number;
}
