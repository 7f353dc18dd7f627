import { z } from 'zod';

/**
 * The lines of `claude -p --output-format stream-json`, as recorded from 2.1.197 (docs/agents.md): only what is read here, and unknown
 * keys are passed over, because every release adds some. The Agent SDK's `sdk.d.ts` names the rest.
 */
const tokens = z.number().nullish();

export const WireUsage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
});
export type WireUsage = z.infer<typeof WireUsage>;

/** The tool call of the main agent under which a subagent speaks. */
const parent = z.string().nullish();

export const ContentBlock = z.object({
  type: z.string(),
  text: z.string().optional(),
  thinking: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
});
export type ContentBlock = z.infer<typeof ContentBlock>;

export const AssistantLine = z.object({
  message: z.object({
    id: z.string(),
    model: z.string(),
    content: z.array(ContentBlock),
    usage: WireUsage.nullish(),
  }),
  parent_tool_use_id: parent,
  /** Set where the "message" is the program's own report of an error. */
  error: z.string().optional(),
});
export type AssistantLine = z.infer<typeof AssistantLine>;

export const StreamEventLine = z.object({
  event: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('content_block_delta'),
      index: z.int(),
      delta: z.discriminatedUnion('type', [
        z.object({ type: z.literal('text_delta'), text: z.string() }),
        z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
        z.object({ type: z.enum(['input_json_delta', 'signature_delta', 'citations_delta']) }),
      ]),
    }),
    z.object({ type: z.literal('content_block_start'), index: z.int(), content_block: ContentBlock }),
    z.object({ type: z.literal('content_block_stop'), index: z.int() }),
    z.object({
      type: z.literal('message_start'),
      message: z.object({ id: z.string(), model: z.string(), usage: WireUsage.nullish() }),
    }),
    z.object({ type: z.literal('message_delta'), usage: WireUsage.nullish() }),
    z.object({ type: z.enum(['message_stop', 'ping', 'error']) }),
  ]),
  parent_tool_use_id: parent,
});
export type StreamEventLine = z.infer<typeof StreamEventLine>;

const ResultContent = z.object({
  type: z.string(),
  text: z.string().optional(),
  source: z.object({ data: z.string().optional(), media_type: z.string().optional() }).optional(),
});
export type ResultContent = z.infer<typeof ResultContent>;

export const UserBlock = z.object({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.union([z.string(), z.array(ResultContent)]).optional(),
  is_error: z.boolean().nullish(),
});
export type UserBlock = z.infer<typeof UserBlock>;

export const UserLine = z.object({
  message: z.object({ content: z.union([z.string(), z.array(UserBlock)]) }),
  parent_tool_use_id: parent,
  uuid: z.string().optional(),
  /** Our own prompt, repeated (`--replay-user-messages`). */
  isReplay: z.boolean().optional(),
  /** Said to the model by the program, not by a person. */
  isSynthetic: z.boolean().optional(),
  tool_use_result: z.unknown().optional(),
});
export type UserLine = z.infer<typeof UserLine>;

export const ModelUsage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadInputTokens: z.number(),
  cacheCreationInputTokens: z.number(),
  contextWindow: z.number().optional(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

export const ResultLine = z.object({
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  api_error_status: z.number().nullish(),
  terminal_reason: z.string().nullish(),
  total_cost_usd: z.number().default(0),
  usage: WireUsage.nullish(),
  modelUsage: z.record(z.string(), ModelUsage).default({}),
  /** Who asked for the turn; absent or `human` where it was a prompt. */
  origin: z.object({ kind: z.string() }).nullish(),
});
export type ResultLine = z.infer<typeof ResultLine>;

export const InitLine = z.object({
  session_id: z.string(),
  model: z.string().nullish(),
  permissionMode: z.string().nullish(),
  slash_commands: z.array(z.string()).default([]),
  claude_code_version: z.string().nullish(),
});

export const StatusLine = z.object({ permissionMode: z.string().nullish() });

export const TaskStartedLine = z.object({ task_id: z.string(), task_type: z.string().nullish() });

export const TaskEndedLine = z.object({ task_id: z.string() });

export const ApiRetryLine = z.object({
  attempt: z.int(),
  max_retries: z.int().nullish(),
  retry_delay_ms: z.number(),
  error_status: z.int().nullish(),
  error: z.string().nullish(),
});

export const Commands = z.array(z.object({ name: z.string(), description: z.string().default('') }));

export const CommandsChangedLine = z.object({ commands: Commands });

export const RateLimitLine = z.object({
  rate_limit_info: z.object({
    status: z.string(),
    /** Seconds since the epoch. */
    resetsAt: z.number().nullish(),
    rateLimitType: z.string().nullish(),
  }),
});

export const ControlRequestLine = z.object({
  request_id: z.string(),
  request: z.object({
    subtype: z.literal('can_use_tool'),
    tool_name: z.string(),
    input: z.record(z.string(), z.unknown()),
    tool_use_id: z.string().nullish(),
  }),
});

export const AnyControlRequestLine = z.object({
  request_id: z.string(),
  request: z
    .object({ subtype: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export const ControlResponseLine = z.object({
  response: z.object({
    subtype: z.string(),
    request_id: z.string(),
    error: z.string().optional(),
    response: z.object({ commands: Commands.optional() }).nullish(),
  }),
});

export const ControlCancelLine = z.object({ request_id: z.string() });
