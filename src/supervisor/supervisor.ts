import type { Readable } from 'node:stream';
import type { RunId, SessionId } from '../contracts/ids.ts';
import type { CreateRun, CreateSession, Profile, Run, RunSummary, Session } from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import type { Lifecycle } from '../kernel/lifecycle.ts';
import type { Owner } from '../store/rows.ts';

/**
 * What the api folders may ask. Every method names the owner: what belongs to another is not found. Refusals are AppErrors:
 * `not_found`, `wrong_state`, `unknown_profile`, `workspace_refused`, `idempotency_key_reused`, `shutting_down`.
 */
export interface Supervisor extends Lifecycle {
  createSession(owner: Owner, input: CreateSession): Promise<Session>;
  session(owner: Owner, id: SessionId): Promise<Session>;
  /** Newest first. */
  sessions(owner: Owner): Promise<Session[]>;

  /** Queues a run; it is on disk when this resolves. The same key and request give the same run again. */
  createRun(owner: Owner, sessionId: SessionId, input: CreateRun, idempotencyKey?: string): Promise<CreatedRun>;
  run(owner: Owner, id: RunId): Promise<Run>;
  /** Newest first. */
  runs(owner: Owner, filter: RunQuery): Promise<RunSummary[]>;
  /** Asks for the verb; what comes of it is told by events. */
  command(owner: Owner, id: RunId, verb: RunVerb): Promise<Run>;

  /** The agent's own bytes in the run's newest (or named) attempt. */
  rawLog(owner: Owner, id: RunId, options: RawLogQuery): Promise<RawLog>;

  profiles(): Profile[];
}

export interface CreatedRun {
  readonly run: Run;
  /** The key was used before for the same request: nothing new was made. */
  readonly isRepeated: boolean;
}

export interface RunQuery {
  readonly sessionId?: SessionId;
  /** Only runs that have not ended. @default false */
  readonly isOpen?: boolean;
  /** @default 100 */
  readonly limit?: number;
}

export interface RawLogQuery {
  readonly stream: 'stdout' | 'stderr';
  /** @default the newest */
  readonly attempt?: number;
}

export interface RawLog {
  /** Bytes there now; a live log grows. */
  readonly size: number;
  /** From the first to the last byte, both included. Rejects with `not_found` or `log_damaged`. */
  open(first: number, last: number): Promise<Readable>;
}
