import type { SessionId, RunId, PermissionId, ProcessId } from '../contracts/ids.ts';
import type {
  AuditRow,
  Owner,
  PermissionRow,
  ProcessRow,
  RunRow,
  RunSummaryRow,
  SessionRow,
  AttemptRow,
  StdinRow,
  Tables,
  TokenRow,
} from './rows.ts';

/**
 * The port to what lasts. Reads are plain questions; a write is one value, a batch of commits, taken whole or not at all, and
 * refused when its epoch is not the present one. There are no interactive transactions, so that a database across a network can
 * take a batch in one round trip.
 *
 * Every method rejects with RetryableStoreError where the store cannot answer just now (locked, disk full, read-only): nothing
 * has happened then, and the same call may be made again.
 */
export interface Store {
  /** Which life of a server this is; rises at every open. */
  readonly epoch: number;
  /** The generation of cursors (ARCHITECTURE §4). */
  readonly generation: number;

  /**
   * Commits are applied in order, in one transaction; of each commit first the writes, then the events. Rejects with AppError
   * `stale_epoch` when another server has taken over, and with a plain Error, a bug, where a row to change is not there.
   */
  commit(batch: readonly Commit[]): Promise<void>;

  /**
   * Resolves when everything that was committed before is on disk, not only in the system's cache: for what a client was promised.
   * Where it rejects, with a plain Error, what was committed is there all the same, but may not outlive the machine's death.
   */
  flush(): Promise<void>;

  /** The local user, made at first open: a single-user server has one tenant and one user. */
  localOwner(): Promise<Owner>;
  tokenByHash(hash: string): Promise<TokenRow | null>;
  /** Makes this the only token of its user, on disk before it resolves: any other of theirs is valid no more. */
  replaceToken(token: TokenRow): Promise<void>;

  session(id: SessionId): Promise<SessionRow | null>;
  /** Newest first. */
  sessions(owner: Owner): Promise<SessionRow[]>;
  /** Of all owners, in the order in which they were made, a page at a time: for what has to go through all of them. */
  sessionIds(after: SessionId | null, limit: number): Promise<SessionId[]>;
  run(id: RunId): Promise<RunRow | null>;
  /** Newest first, as summaries: a list must stay small whatever was asked and answered. */
  runs(owner: Owner, filter: RunFilter): Promise<RunSummaryRow[]>;
  runByIdempotencyKey(owner: Owner, key: string): Promise<{ runId: RunId; requestHash: string } | null>;
  /** Every run that has not ended, oldest first, of all owners: what dispatch and recovery start from. */
  openRuns(): Promise<RunRow[]>;
  attempts(runId: RunId): Promise<AttemptRow[]>;
  process(id: ProcessId): Promise<ProcessRow | null>;
  /** Every process whose end is not recorded. */
  openProcesses(): Promise<ProcessRow[]>;
  /** The stdin messages of a process in the order of their offsets. */
  stdinMessages(processId: ProcessId): Promise<StdinRow[]>;

  permission(id: PermissionId): Promise<PermissionRow | null>;
  /** Newest first, each without its input (null): a list must stay small whatever agents asked for. */
  permissions(owner: Owner, filter: PermissionFilter): Promise<PermissionRow[]>;
  /** Those of a process that wait for an answer, oldest first. */
  pendingPermissions(processId: ProcessId): Promise<PermissionRow[]>;
  /** What was done in sessions of the owner, newest first. */
  auditEntries(owner: Owner, filter: AuditFilter): Promise<AuditRow[]>;

  /** The newest `seq` of the session, pruned or not; 0 where it has none. */
  lastSeq(sessionId: SessionId): Promise<number>;
  /** The newest `seq` that was pruned; 0 where none was. */
  prunedSeq(sessionId: SessionId): Promise<number>;
  /** For each message that is not complete, the `seq` of its first chunk. */
  openMessages(sessionId: SessionId): Promise<Map<string, number>>;
  /**
   * Up to `limit` events with a `seq` beyond `afterSeq`, in order; fewer where they are large, so that a page fits in memory.
   * Only an empty page says that there is nothing more.
   */
  events(sessionId: SessionId, afterSeq: number, limit: number): Promise<StoredEvent[]>;
  /** The last of the events up to this `seq`, it included, in order: like `events`, read from the other end. */
  eventsUpTo(sessionId: SessionId, lastSeq: number, limit: number): Promise<StoredEvent[]>;

  /**
   * Removes some of the oldest events of a session: up to the first that was recorded at or after `before`, or belongs to a run that has
   * not ended. As much at a time as keeps nobody waiting; to be called again while there is more.
   */
  prune(query: PruneQuery): Promise<Pruned>;

  close(): Promise<void>;
}

export interface PruneQuery {
  readonly sessionId: SessionId;
  /** A UTC string, compared with the `at` of the events. */
  readonly before: string;
}

export interface Pruned {
  /** How many were removed. */
  readonly events: number;
  readonly hasMore: boolean;
}

export interface RunFilter {
  readonly sessionId?: SessionId;
  readonly isOpen?: boolean;
  readonly limit: number;
}

export interface PermissionFilter {
  readonly sessionId?: SessionId;
  readonly isPending?: boolean;
  readonly limit: number;
}

export interface AuditFilter {
  readonly sessionId?: SessionId;
  readonly limit: number;
}

/** One fact of the world as it is to be: events and the rows that follow from them. */
export interface Commit {
  readonly epoch: number;
  readonly sessionId: SessionId;
  readonly events: readonly EventRow[];
  readonly writes: readonly Write[];
}

/** A row to insert, or the columns of a row to change. */
export type Write = {
  [Table in keyof Tables]:
    | { readonly table: Table; readonly insert: Tables[Table] }
    | { readonly table: Table; readonly id: string; readonly patch: Partial<Omit<Tables[Table], 'id'>> };
}[keyof Tables];

/** An event on its way into the store. */
export interface EventRow {
  readonly seq: number;
  /** The event as it stands on every transport, as one JSON object, but without `seq` and `prev`: `prev` changes when chunks go. */
  readonly json: string;
  /** Set on the chunks of a message. */
  readonly messageId?: string;
  /** Set on the first chunk of a message; once more on a later one does no harm. */
  readonly opens?: true;
  /**
   * Set on the event that completes a message: its chunks, which begin at `sinceSeq`, go. Few go in the same commit; many go soon, the
   * last ones first, and what a reader finds in between is the beginning of the message and then the whole.
   */
  readonly completes?: { readonly messageId: string; readonly sinceSeq: number };
}

export interface StoredEvent {
  readonly seq: number;
  /** The `seq` stored before this one, now that chunks may have gone; of the first one that was not pruned, the last one that was. */
  readonly prev: number;
  /** As in EventRow: without `seq` and `prev`. */
  readonly json: string;
}
