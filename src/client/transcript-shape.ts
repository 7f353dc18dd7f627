import type { ContentBlock, PlanEntry } from '../contracts/agent-events.ts';
import type { AnswerSource } from '../contracts/drover-events.ts';
import type { Usage } from '../contracts/usage.ts';
import type { EventData } from '../contracts/events.ts';
import type { FailureReason } from '../contracts/failure-reason.ts';
import type { PermissionDecision, PermissionResolver } from '../contracts/permission.ts';
import type { RunState } from '../contracts/run-state.ts';

/**
 * What a session's events amount to. Two readers have the same transcript when they have read to the same place, whether one saw a
 * message grow chunk by chunk and the other came when compaction had left only the whole: an item's place is where it was settled.
 */
export interface Transcript {
  /** `seq` of the last event in it. */
  readonly seq: number;
  /** Messages and tool calls, in order. */
  readonly items: readonly TranscriptItem[];
  readonly plan: readonly PlanEntry[];
  /** Of all runs together. */
  readonly usage: Usage;
  /** In the order in which they came; those that wait stand in the order of their moves. */
  readonly runs: readonly TranscriptRun[];
  /** Nothing new starts in the session until it is resumed. */
  readonly isPaused: boolean;
  readonly permissions: readonly TranscriptPermission[];
}

export type TranscriptItem = TranscriptMessage | TranscriptToolCall;

export interface TranscriptMessage {
  readonly type: 'message';
  /** Of its whole, or of its first chunk as long as it is being said. What a user says into a running turn is whole at once. */
  readonly seq: number;
  readonly runId: string | null;
  readonly messageId: string;
  readonly role: 'user' | 'agent' | 'thought';
  readonly text: string;
  /** What is not text. */
  readonly attachments: readonly ContentBlock[];
  readonly isComplete: boolean;
  /** Begun and taken back by the agent: not to be shown. */
  readonly isDiscarded: boolean;
  readonly parentToolCallId: string | null;
}

/** All that was ever said of a tool call; what was said last counts. */
export type TranscriptToolCall = EventData<'tool_call'> & {
  readonly type: 'tool_call';
  /** Of its beginning. */
  readonly seq: number;
  readonly runId: string | null;
};

export interface TranscriptRun {
  readonly runId: string;
  /** As it was edited last, while it waited. */
  readonly prompt: string;
  readonly state: RunState;
  /** When it came into this state. */
  readonly since: string;
  readonly attempts: number;
  /** What it went beyond; it is stopped for that. */
  readonly limitReached: EventData<'run.limit_reached'> | null;
  readonly reason: FailureReason | null;
  readonly message: string | null;
  readonly answer: string | null;
  readonly answerSource: AnswerSource | null;
  readonly usage: Usage;
}

export interface TranscriptPermission {
  readonly permissionId: string;
  readonly runId: string | null;
  readonly toolCallId: string | null;
  readonly title: string;
  readonly rawInput: unknown;
  /** Until when people are asked, and what is answered then; null where the policy decides at once. */
  readonly deadlineAt: string | null;
  readonly otherwise: PermissionDecision | null;
  /** Null as long as it is open. */
  readonly decision: PermissionDecision | null;
  readonly by: PermissionResolver | null;
  /** The rule that decided, for people. */
  readonly rule: string | null;
}
