import { z } from 'zod';
import { ContentBlock } from './agent-events.ts';
import { FailureReason } from './failure-reason.ts';
import { ProcessId } from './ids.ts';
import { Outcome, RunVerb } from './run-state.ts';
import { Usage } from './usage.ts';

/** Where the final answer of a run was taken from: the result's own text, else what the agent said, else nowhere: it was empty. */
export const AnswerSource = z.enum(['result', 'message', 'none']);
export type AnswerSource = z.infer<typeof AnswerSource>;

const Ended = z.object({
  outcome: Outcome,
  reason: FailureReason.nullable(),
  /** For people: what happened and what to do; null where all went well. */
  message: z.string().nullable(),
});

/** What Drover knows, in the past tense. docs/events.md says when each is emitted, and when it is not. */
export const droverEventData = {
  'session.created': z.object({ profile: z.string(), workspace: z.object({ path: z.string() }) }),
  /** The agent opened (or reopened) its own session. */
  'native_session.opened': z.object({
    nativeSessionId: z.string(),
    isResumed: z.boolean(),
    model: z.string().nullable(),
    agentVersion: z.string().nullable(),
  }),
  'run.queued': z.object({ prompt: z.string() }),
  'run.started': z.object({}),
  'run.verb_requested': z.object({ verb: RunVerb }),
  'run.ended': Ended.extend({
    /** The run's final answer; an empty string only where `answerSource` is `none`. */
    answer: z.string(),
    answerSource: AnswerSource,
  }),
  'attempt.started': z.object({ number: z.number().int(), processId: ProcessId }),
  'attempt.ended': Ended,
  'process.started': z.object({ processId: ProcessId, pid: z.number().int() }),
  /** A server that came back found the process alive and goes on reading where the last commit ended. */
  'process.adopted': z.object({ processId: ProcessId, pid: z.number().int() }),
  'process.exited': z.object({
    processId: ProcessId,
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    /** Descendants that were still alive when the agent had gone; none of them is now. */
    left: z.number().int(),
    /** The holder died and could not say how the agent ended. */
    isHolderLost: z.boolean(),
  }),
  'permission.requested': z.object({
    permissionId: z.string(),
    toolCallId: z.string().nullable(),
    title: z.string(),
    rawInput: z.unknown().optional(),
  }),
  'permission.resolved': z.object({
    permissionId: z.string(),
    decision: z.enum(['allow', 'deny']),
    by: z.enum(['policy', 'user', 'deadline', 'agent']),
  }),
  /** The whole message: an upsert by `messageId` that replaces its chunks. A discarded message was begun and taken back by the agent. */
  'message.completed': z.object({
    messageId: z.string(),
    role: z.enum(['user', 'agent', 'thought']),
    content: z.array(ContentBlock),
    isDiscarded: z.boolean().optional(),
    parentToolCallId: z.string().optional(),
  }),
  /** The agent could not reach its model and says that it will try again. */
  'model.retrying': z.object({
    attempt: z.number().int(),
    maxAttempts: z.number().int().nullable(),
    delayMs: z.number(),
    httpStatus: z.number().int().nullable(),
    error: z.string(),
  }),
  'rate_limit.reported': z.object({
    status: z.string(),
    window: z.string().nullable(),
    resetsAt: z.iso.datetime().nullable(),
  }),
  'auth.required': z.object({ message: z.string() }),
  'usage.recorded': Usage.extend({ model: z.string().nullable(), messageId: z.string().nullable() }),
  /** Lines that the driver does not understand: nothing is dropped. `text` is null where they are too long: then `raw` must do. */
  'agent.output': z.object({
    stream: z.enum(['stdout', 'stderr']),
    text: z.string().nullable(),
    /** The line had no end when its process was gone. */
    isPartial: z.boolean().optional(),
  }),
  /** What the agent's program says on stderr, where its driver expects only diagnostics. */
  'agent.diagnostic': z.object({ text: z.string() }),
  'log.truncated': z.object({
    stream: z.enum(['stdout', 'stderr']),
    expectedBytes: z.number(),
    foundBytes: z.number(),
  }),
} as const;
