import type { AnswerSource } from '../contracts/drover-events.ts';
import type { Usage } from '../contracts/usage.ts';
import type { FailureReason } from '../contracts/failure-reason.ts';
import type { AttemptId, PermissionId, ProcessId, RunId, SessionId, TenantId, UserId } from '../contracts/ids.ts';
import type { PermissionDecision, PermissionResolver } from '../contracts/permission.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Outcome, PromptMode, RunState, RunVerb } from '../contracts/run-state.ts';
import type { Transport } from '../contracts/transport.ts';

/** Rows as the rest of the server sees them. Times are UTC strings. */
export interface Tables {
  tokens: TokenRow;
  sessions: SessionRow;
  runs: RunRow;
  attempts: AttemptRow;
  processes: ProcessRow;
  stdin_messages: StdinRow;
  idempotency_keys: IdempotencyRow;
  permissions: PermissionRow;
  audit_entries: AuditRow;
}

/** To whom a row belongs. Attempts, processes, messages and events belong to the owner of their session. */
export interface Owner {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

export interface TokenRow extends Owner {
  readonly id: string;
  /** SHA-256 of the token, hexadecimal; the token itself is never stored here. */
  readonly hash: string;
  readonly createdAt: string;
}

export interface SessionRow extends Owner {
  readonly id: SessionId;
  readonly profile: string;
  readonly workspacePath: string;
  /** Several processes may work in it at a time. */
  readonly workspaceIsShared: boolean;
  readonly nativeSessionId: string | null;
  /** Since when nothing new is started in it. */
  readonly pausedAt: string | null;
  /** Its own rules. */
  readonly permissions: Policy | null;
  readonly createdAt: string;
}

export interface RunRow extends Owner {
  readonly id: RunId;
  readonly sessionId: SessionId;
  readonly state: RunState;
  readonly since: string;
  readonly prompt: string;
  /** The verb that a user asked for and that has not had its effect yet. */
  readonly requestedVerb: RunVerb | null;
  readonly mode: Exclude<PromptMode, 'steer'>;
  /** The run that was going when it came, and that is interrupted for it. */
  readonly replaces: RunId | null;
  /** The order in which the queued runs of a session start. */
  readonly position: number;
  /** Its own rules. */
  readonly permissions: Policy | null;
  /** How long it has been paused before, in milliseconds. */
  readonly pausedMs: number;
  /** The limit that it is stopped for. */
  readonly endedFor: { readonly reason: FailureReason; readonly message: string } | null;
  readonly reason: FailureReason | null;
  readonly message: string | null;
  readonly answer: string | null;
  readonly answerSource: AnswerSource | null;
  readonly usage: Usage;
  /** How many attempts have been started. */
  readonly attempts: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A run without what may be large: its prompt is cut to the first `summaryPromptLength` characters. */
export type RunSummaryRow = Omit<RunRow, 'answer' | 'answerSource'>;

export interface AttemptRow {
  readonly id: AttemptId;
  readonly runId: RunId;
  readonly sessionId: SessionId;
  readonly processId: ProcessId;
  readonly number: number;
  readonly outcome: Outcome | null;
  readonly reason: FailureReason | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** `starting`: its holder may or may not have been spawned. `exited`: its end is recorded, nothing of its tree is left. */
export type ProcessState = 'starting' | 'running' | 'exited';

export interface ProcessRow {
  readonly id: ProcessId;
  readonly sessionId: SessionId;
  readonly state: ProcessState;
  readonly driver: string;
  /** Whose turn is open; null between turns. */
  readonly openRunId: RunId | null;
  readonly openAttemptId: AttemptId | null;
  /** How far the logs have been translated and committed, in bytes. */
  readonly outOffset: number;
  readonly errOffset: number;
  /** Where the next stdin frame goes, in bytes of `in.log`. */
  readonly stdinOffset: number;
  /** `{version, value}` of the driver's translator, as JSON. */
  readonly driverState: string;
  readonly agentPid: number | null;
  readonly transport: Transport;
  /** Equal for processes that were started in the same way, so that one can do for the other. */
  readonly launchKey: string;
  /** Since when it has had no turn; null while it has one, or is on its way out. */
  readonly idleSince: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly startedAt: string;
  readonly exitedAt: string | null;
}

/** A message to an agent's stdin: a row before it is bytes. */
export interface StdinRow {
  /** `<processId>/<key>`, so that one key is written once. */
  readonly id: string;
  readonly processId: ProcessId;
  readonly sessionId: SessionId;
  readonly offset: number;
  /** The payload of the frame; empty: end of input. */
  readonly payload: string;
}

export interface IdempotencyRow extends Owner {
  /** `<userId>/<key>`. */
  readonly id: string;
  readonly requestHash: string;
  readonly runId: RunId;
  readonly createdAt: string;
}

export interface PermissionRow extends Owner {
  readonly id: PermissionId;
  readonly sessionId: SessionId;
  readonly runId: RunId;
  readonly processId: ProcessId;
  /** What the agent calls its question. */
  readonly nativeId: string;
  readonly toolCallId: string | null;
  readonly title: string;
  readonly tool: string;
  readonly command: string | null;
  readonly paths: readonly string[];
  /** Whether command and paths say all that the tool would do. */
  readonly isFullyKnown: boolean;
  readonly rawInput: unknown;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  readonly otherwise: PermissionDecision;
  readonly decision: PermissionDecision | null;
  readonly by: PermissionResolver | null;
  readonly resolvedAt: string | null;
}

export interface AuditRow {
  readonly id: string;
  readonly at: string;
  readonly tenantId: TenantId;
  /** Who; null: a policy, a deadline, the agent. */
  readonly userId: UserId | null;
  readonly action: string;
  readonly sessionId: SessionId;
  readonly runId: RunId | null;
  readonly detail: Readonly<Record<string, unknown>>;
}
