import type { NewEvent, RawPointer } from '../contracts/events.ts';
import type { AttemptId, RunId, SessionId } from '../contracts/ids.ts';
import type { Write } from '../store/store.ts';
import type { EventBatch } from './event-batch.ts';
import type { TakeTurn } from './follow-in-turns.ts';
import type { LifecycleListener } from './lifecycle-feed.ts';
import type { TakeAtOnce } from './live-reader.ts';

/** The durable, ordered log of each session: append, read, subscribe. What a subscriber has seen is committed. */
export interface EventLog {
  readonly generation: number;

  /**
   * Gives the events their places and commits them with the writes, in one transaction; then publishes them. Appends of one
   * session keep their order, and what many sessions append at the same time is committed together. A busy or full disk is waited
   * for. Rejects when this server may not write any more (`stale_epoch`), is closed (`shutting_down`), or with a plain Error, a
   * bug, where the store cannot take this very entry: then nothing of it was written, nor of what had been appended to its session
   * in the meantime; other sessions do not notice. A durable one rejects where the disk refuses, too: then it is written and
   * published, but may not outlive the machine's death.
   */
  append(entry: Entry): Promise<void>;

  /** Up to `limit` events beyond `afterSeq`, as stored; fewer where they are large. Only an empty page says that there are no more. */
  read(sessionId: SessionId, afterSeq: number, limit: number): Promise<LoggedEvent[]>;

  /** Up to `limit` of the last events up to `lastSeq`, in order: `read` from the other end. */
  readUpTo(sessionId: SessionId, lastSeq: number, limit: number): Promise<LoggedEvent[]>;

  lastSeq(sessionId: SessionId): Promise<number>;

  /** The newest `seq` that has gone because of its age; 0 where none has. */
  prunedSeq(sessionId: SessionId): Promise<number>;

  /**
   * All events beyond `afterSeq`, first those that are stored, then live ones, gapless, in batches as they come. A reader that
   * does not keep up holds nothing in memory: it goes back to reading what is stored. Ends when the signal aborts. A reader that
   * waits may take what comes at once, by `takeAtOnce`, instead of as the next batch of the iteration.
   */
  subscribe(
    sessionId: SessionId,
    afterSeq: number,
    signal: AbortSignal,
    takeAtOnce?: TakeAtOnce,
  ): AsyncIterable<EventBatch>;

  /**
   * The same for one of many readers that share a connection. Nothing waits in memory for it: what it does not take at once it reads
   * from what is stored, a small page in each of its turns. A turn lasts until the reader asks for the next batch.
   */
  subscribeInTurns(
    sessionId: SessionId,
    afterSeq: number,
    signal: AbortSignal,
    takeAtOnce: TakeAtOnce,
    takeTurn: TakeTurn,
  ): AsyncIterable<EventBatch>;

  /** Tells of the lives of all sessions (`lifecycleTypes`) from now on, once it is committed, until the signal aborts. */
  watch(listener: LifecycleListener, signal: AbortSignal): void;

  /** Resolves when all that has been committed is on disk: what the machine's death cannot take. */
  flush(): Promise<void>;

  /** Commits what is pending and takes no more; what the store does not take even now rejects with `shutting_down`. */
  close(): Promise<void>;
}

export type AppendedEvent = NewEvent & {
  readonly runId?: RunId;
  readonly attemptId?: AttemptId;
  readonly raw?: RawPointer;
};

export interface Entry {
  readonly sessionId: SessionId;
  readonly events: readonly AppendedEvent[];
  readonly writes: readonly Write[];
  /** On disk before the append resolves; what others see of it may be earlier. @default false */
  readonly isDurable?: boolean;
  /** Somebody waits: not held back for a moment to be committed with others. @default isDurable */
  readonly isUrgent?: boolean;
}

/** An event with its place, serialised once for all its readers. */
export interface LoggedEvent {
  readonly seq: number;
  readonly prev: number;
  /** The whole event as JSON text, as it goes over every transport. */
  readonly json: string;
}
