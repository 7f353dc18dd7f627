import type { Event } from '../contracts/events.ts';
import type { AnswerPermission, Permission, PermissionSummary } from '../contracts/permission.ts';
import type {
  AuditEntry,
  ChangeRun,
  ChangeSession,
  CreateRun,
  CreateSession,
  EventPage,
  PauseRun,
  Profile,
  Run,
  RunSummary,
  Session,
} from '../contracts/resources.ts';
import type { AttachedTerminal, AttachOptions } from './attached-terminal.ts';
import type { DroverSocket, SocketOptions } from './drover-socket.ts';
import type { FollowOptions, StreamReset } from './follow-events.ts';

/** Every method rejects with ProblemError where the server refuses (`code`, `detail`) or does not answer (`server_unreachable`). */
export interface DroverClient {
  createSession(input: CreateSession): Promise<Session>;
  session(id: string): Promise<Session>;
  /** Newest first. */
  sessions(): Promise<Session[]>;
  changeSession(sessionId: string, change: ChangeSession): Promise<Session>;
  /** Lets its open turn come to its end; nothing new starts in it until it is resumed. */
  pauseSession(sessionId: string): Promise<Session>;
  resumeSession(sessionId: string): Promise<Session>;
  /** Starts the process of a session that has none, so that its next prompt finds it ready. */
  warmSession(sessionId: string): Promise<Session>;

  /**
   * Queues a run, or with `mode: 'steer'` says the prompt into the one that is going. With an `idempotencyKey` it is safe to send the
   * same request again.
   */
  createRun(sessionId: string, input: CreateRun, options?: CreateRunOptions): Promise<CreatedRun>;
  run(id: string): Promise<Run>;
  /** Newest first; without their answers, and of their prompts only the beginning. */
  runs(filter?: RunFilter): Promise<RunSummary[]>;
  interrupt(runId: string): Promise<Run>;
  stop(runId: string): Promise<Run>;
  cancel(runId: string): Promise<Run>;
  /** Lets its whole tree stand still; `when: 'finished'` pauses its session instead, as soon as the run has ended. */
  pause(runId: string, options?: PauseRun): Promise<Run>;
  resume(runId: string): Promise<Run>;
  /** Changes a run that still waits: its prompt, or its place in the queue of its session. */
  changeRun(runId: string, change: ChangeRun): Promise<Run>;

  /** What agents have asked people for, newest first, without what the tools would be run with. */
  permissions(filter?: PermissionFilter): Promise<PermissionSummary[]>;
  permission(id: string): Promise<Permission>;
  /** The first answer counts; later ones are refused with `already_resolved`. */
  answerPermission(id: string, answer: AnswerPermission): Promise<Permission>;
  /** Who allowed or denied what; newest first. */
  auditEntries(filter?: AuditFilter): Promise<AuditEntry[]>;

  /**
   * One page of events; pass its `cursor` as `after` for the next. To begin at the end, ask for `before: 'end'`; then pass `start` as
   * `before` for what came earlier, and `cursor` to `events` for what comes. Its events are not checked one by one.
   */
  eventPage(sessionId: string, query?: EventPageQuery): Promise<EventPage>;
  /** All events, stored and live, over lost connections and restarts of the server; endless until the signal aborts. */
  events(sessionId: string, options?: FollowOptions): AsyncIterable<Event | StreamReset>;
  /** Many sessions, the lives of all, and answers, on one WebSocket. */
  socket(options?: SocketOptions): DroverSocket;
  /** The terminal of a run, to see and to type at. */
  terminal(runId: string, options?: AttachOptions): AttachedTerminal;
  /** The agent's own bytes. */
  rawLog(runId: string, stream: 'stdout' | 'stderr', options?: RawLogOptions): Promise<ReadableStream<Uint8Array>>;

  profiles(): Promise<Profile[]>;
  /** Rejects where no server answers. */
  health(): Promise<void>;
}

export interface CreateRunOptions {
  readonly idempotencyKey?: string;
}

export interface CreatedRun {
  readonly run: Run;
  /** The key was used before for the same request: nothing was done. */
  readonly isRepeated: boolean;
  /** The prompt was said into this run, which was going already. */
  readonly isSteered: boolean;
}

export interface PermissionFilter {
  /** Only what waits for an answer. @default false */
  readonly pending?: boolean;
  readonly sessionId?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface AuditFilter {
  readonly sessionId?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface RunFilter {
  /** Only runs that have not ended. @default false */
  readonly open?: boolean;
  readonly sessionId?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface EventPageQuery {
  /** A cursor: the events beyond it. @default from the beginning */
  readonly after?: string;
  /** A cursor, or `end`: the last events up to there, in order; not with `after`. */
  readonly before?: string;
  /** @default 200 */
  readonly limit?: number;
}

export interface RawLogOptions {
  /** The number of an attempt. @default the newest */
  readonly attempt?: number;
  /** Bytes to leave out at the beginning. @default 0 */
  readonly offset?: number;
  readonly signal?: AbortSignal;
}
