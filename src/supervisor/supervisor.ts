import type { Readable } from 'node:stream';
import type { PermissionId, RunId, SessionId } from '../contracts/ids.ts';
import type { AnswerPermission, Permission, PermissionSummary } from '../contracts/permission.ts';
import type {
  AuditEntry,
  ChangeRun,
  ChangeSession,
  CreateRun,
  CreateSession,
  Profile,
  Run,
  RunSummary,
  Session,
} from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import type { Lifecycle } from '../kernel/lifecycle.ts';
import type { Owner } from '../store/rows.ts';
import type { TerminalSeat, TerminalViewer } from './terminal/terminal-seat.ts';

/**
 * What the api folders may ask. Every method names the owner: what belongs to another is not found. Refusals are AppErrors:
 * `not_found`, `wrong_state`, `unsupported`, `already_resolved`, `unknown_profile`, `workspace_refused`, `workspace_busy`,
 * `idempotency_key_reused`, `shutting_down`.
 */
export interface Supervisor extends Lifecycle {
  createSession(owner: Owner, input: CreateSession): Promise<Session>;
  session(owner: Owner, id: SessionId): Promise<Session>;
  /** Newest first. */
  sessions(owner: Owner): Promise<Session[]>;

  changeSession(owner: Owner, id: SessionId, change: ChangeSession): Promise<Session>;
  /** Lets its open turn come to its end and starts nothing new in it. Pausing what is paused changes nothing. */
  pauseSession(owner: Owner, id: SessionId): Promise<Session>;
  resumeSession(owner: Owner, id: SessionId): Promise<Session>;
  /** Starts the process of a session that has none, so that its next prompt finds it ready. */
  warmSession(owner: Owner, id: SessionId): Promise<Session>;

  /**
   * Queues a run; it is on disk when this resolves. The same key and request give the same run again. With `mode: 'steer'` the prompt
   * goes into the running turn, and that run is the answer.
   */
  createRun(owner: Owner, sessionId: SessionId, input: CreateRun, idempotencyKey?: string): Promise<CreatedRun>;
  run(owner: Owner, id: RunId): Promise<Run>;
  /** Newest first. */
  runs(owner: Owner, filter: RunQuery): Promise<RunSummary[]>;
  /** Changes a run that still waits: its prompt, or its place in the queue of its session. */
  changeRun(owner: Owner, id: RunId, change: ChangeRun): Promise<Run>;
  /** Asks for the verb; what comes of it is told by events. */
  command(owner: Owner, id: RunId, verb: RunVerb): Promise<Run>;
  /** Pauses the session when this run has ended. */
  pauseWhenFinished(owner: Owner, id: RunId): Promise<Run>;

  /** Newest first, without what the tools would be run with. */
  permissions(owner: Owner, filter: PermissionQuery): Promise<PermissionSummary[]>;
  permission(owner: Owner, id: PermissionId): Promise<Permission>;
  /** The first answer counts; later ones are refused with `already_resolved`. */
  answerPermission(owner: Owner, id: PermissionId, answer: AnswerPermission): Promise<Permission>;
  /** Newest first. */
  auditEntries(owner: Owner, filter: AuditQuery): Promise<AuditEntry[]>;

  /** The agent's own bytes in the run's newest (or named) attempt. */
  rawLog(owner: Owner, id: RunId, options: RawLogQuery): Promise<RawLog>;

  /** A seat at the terminal of the run's newest attempt, for who leaves it again. */
  terminal(owner: Owner, id: RunId, viewer: TerminalViewer): Promise<TerminalSeat>;

  profiles(): Profile[];
}

export interface CreatedRun {
  readonly run: Run;
  /** The key was used before for the same request: nothing new was made. */
  readonly isRepeated: boolean;
  /** The prompt was said into this run, which was going already. */
  readonly isSteered: boolean;
}

export interface PermissionQuery {
  readonly sessionId?: SessionId;
  /** Only those that wait for an answer. @default false */
  readonly isPending?: boolean;
  /** @default 100 */
  readonly limit?: number;
}

export interface AuditQuery {
  readonly sessionId?: SessionId;
  /** @default 100 */
  readonly limit?: number;
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
