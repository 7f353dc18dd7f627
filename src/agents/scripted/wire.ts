import { z } from 'zod';
import { PlanEntry, ToolKind } from '../../contracts/agent-events.ts';
import { Usage } from '../../contracts/usage.ts';
import { FailureReason } from '../../contracts/failure-reason.ts';

/** What the program prints: one JSON object per line. Ids are unique beyond the life of the process. */
export const WireLine = z.discriminatedUnion('type', [
  /** The first line. `resumed`: the session is one that the program was asked to reopen. */
  z.object({ type: z.literal('hello'), version: z.string(), sessionId: z.string(), resumed: z.boolean() }),
  /** `id` is that of the prompt. */
  z.object({ type: z.literal('turn_started'), id: z.string() }),

  /** A piece of a message; `message_done` with the same id then has the whole. */
  z.object({ type: z.literal('thinking'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('text'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('message_done'), id: z.string(), role: z.enum(['agent', 'thought']), text: z.string() }),

  z.object({
    type: z.literal('tool_started'),
    id: z.string(),
    title: z.string(),
    // A kind or reason that a hand-written script got wrong must not cost the line that carries it.
    kind: ToolKind.catch('other'),
    input: z.unknown().optional(),
  }),
  /** All that the tool has printed. */
  z.object({ type: z.literal('tool_output'), id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('tool_done'),
    id: z.string(),
    ok: z.boolean(),
    diff: z.object({ path: z.string(), oldText: z.string().nullable(), newText: z.string() }).optional(),
  }),

  z.object({ type: z.literal('plan'), entries: z.array(PlanEntry) }),
  z.object({ type: z.literal('usage'), ...Usage.shape, model: z.string().nullable() }),
  /** Waits for a `permission_answer` on stdin. `tool`, `command` and `paths` are for policies; without `tool` the title counts. */
  z.object({
    type: z.literal('permission'),
    id: z.string(),
    title: z.string(),
    input: z.unknown().optional(),
    tool: z.string().optional(),
    command: z.string().optional(),
    paths: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal('retry'),
    attempt: z.number().int(),
    maxAttempts: z.number().int().nullable(),
    delayMs: z.number(),
    httpStatus: z.number().int().nullable(),
    error: z.string(),
  }),
  z.object({
    type: z.literal('rate_limit'),
    status: z.string(),
    window: z.string().nullable(),
    resetsAt: z.iso.datetime().nullable(),
  }),

  /** The terminal event of a turn. */
  z.object({
    type: z.literal('turn_ended'),
    outcome: z.enum(['succeeded', 'failed', 'interrupted']),
    reason: FailureReason.nullable().catch('internal'),
    message: z.string().nullable(),
    answer: z.string(),
  }),
]);
export type WireLine = z.infer<typeof WireLine>;

/** What the program reads: one JSON object per line. */
export type Command =
  | { readonly type: 'prompt'; readonly id: string; readonly text: string }
  /** Without an id: whatever turn is present. */
  | { readonly type: 'interrupt'; readonly id?: string }
  | {
      readonly type: 'permission_answer';
      readonly id: string;
      readonly decision: 'allow' | 'deny';
      /** With `allow`: what to use instead of the input. */
      readonly updatedInput?: Readonly<Record<string, unknown>> | undefined;
      /** With `deny`: why. */
      readonly message?: string | undefined;
    }
  /** Says something into the turn that has this id; where that is over, it is dropped. */
  | { readonly type: 'steer'; readonly id: string; readonly text: string };

export function commandLine(command: Command): string {
  return `${JSON.stringify(command)}\n`;
}
