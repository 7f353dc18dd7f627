import { z } from 'zod';
import { ContentBlock } from './agent-events.ts';
import { FailureReason } from './failure-reason.ts';
import { ProcessId, RunId } from './ids.ts';
import { PermissionDecision, PermissionResolver } from './permission.ts';
import { Policy } from './policy.ts';
import { Outcome, RunLimit, RunVerb } from './run-state.ts';
import { Usage } from './usage.ts';
import { Workspace } from './workspace.ts';

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
  'session.created': z.object({ profile: z.string(), workspace: Workspace }),
  /** Nothing new is started in the session. */
  'session.paused': z.object({}),
  'session.resumed': z.object({}),
  /** The session has another policy for permissions: its own rules, which come before those of its profile. */
  'session.policy_changed': z.object({ permissions: Policy }),
  /** The agent opened (or reopened) its own session. */
  'native_session.opened': z.object({
    nativeSessionId: z.string(),
    isResumed: z.boolean(),
    model: z.string().nullable(),
    agentVersion: z.string().nullable(),
  }),
  'run.queued': z.object({
    prompt: z.string(),
    /** It has interrupted the run that was going, and waits in front of all others. */
    mode: z.literal('replace').optional(),
  }),
  /** What a prompt that still waits was changed to. */
  'run.edited': z.object({ prompt: z.string() }),
  /** It waits in front of that run now; null: behind all that wait in its session. */
  'run.moved': z.object({ before: RunId.nullable() }),
  'run.started': z.object({}),
  /** Said into the running turn. */
  'run.steered': z.object({ prompt: z.string() }),
  /** The whole tree stands still, and this is how that is known. */
  'run.paused': z.object({ evidence: z.string() }),
  'run.resumed': z.object({
    /** New deadlines of what waits for an answer: they stood still. */
    deadlines: z.array(z.object({ permissionId: z.string(), deadlineAt: z.iso.datetime() })).optional(),
  }),
  /** The run went beyond one of its limits and is stopped for it. */
  'run.limit_reached': z.object({ limit: RunLimit, reason: FailureReason, message: z.string() }),
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
    /**
     * Why: the `agent` left by itself or died; a `stop` was asked for; a `limit` was reached; it would `hang` after its result; it had
     * been `idle` for long enough.
     */
    cause: z.enum(['agent', 'stop', 'limit', 'hang', 'idle', 'holder_lost', 'not_started']),
  }),
  'permission.requested': z.object({
    permissionId: z.string(),
    toolCallId: z.string().nullable(),
    title: z.string(),
    rawInput: z.unknown().optional(),
    /** Set where somebody is asked: until when, and what is answered then. */
    deadlineAt: z.iso.datetime().optional(),
    otherwise: PermissionDecision.optional(),
  }),
  'permission.resolved': z.object({
    permissionId: z.string(),
    decision: PermissionDecision,
    by: PermissionResolver,
    /** The rule that decided, for people. */
    rule: z.string().optional(),
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
  /** A terminal was drawn on: what was written stands in so many bytes of the process's stdout from there on. */
  'terminal.output': z.object({ processId: ProcessId, offset: z.number().int(), length: z.number().int() }),
  'log.truncated': z.object({
    stream: z.enum(['stdout', 'stderr']),
    expectedBytes: z.number(),
    foundBytes: z.number(),
  }),
} as const;
