import { z } from 'zod';

/**
 * What the agent did: the `session/update` payloads of the Agent Client Protocol v1 under their own names
 * (https://agentclientprotocol.com/protocol/schema), with message ids as in its v2. Whoever can render ACP can render these.
 */
export const ContentBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
  z.object({ type: z.literal('resource_link'), uri: z.string(), name: z.string() }),
]);
export type ContentBlock = z.infer<typeof ContentBlock>;

export const ToolKind = z.enum([
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
]);
export type ToolKind = z.infer<typeof ToolKind>;

export const ToolCallStatus = z.enum(['pending', 'in_progress', 'completed', 'failed']);
export type ToolCallStatus = z.infer<typeof ToolCallStatus>;

export const ToolCallContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('content'), content: ContentBlock }),
  z.object({ type: z.literal('diff'), path: z.string(), oldText: z.string().nullable(), newText: z.string() }),
]);
export type ToolCallContent = z.infer<typeof ToolCallContent>;

export const PlanEntry = z.object({
  content: z.string(),
  priority: z.enum(['high', 'medium', 'low']),
  status: z.enum(['pending', 'in_progress', 'completed']),
});
export type PlanEntry = z.infer<typeof PlanEntry>;

/** One piece of a message that is still being said. The pieces of one `messageId` follow one another; `message.completed` replaces them. */
const MessageChunk = z.object({
  messageId: z.string(),
  content: ContentBlock,
  /** The tool call of the main agent under which a subagent says this. */
  parentToolCallId: z.string().optional(),
});

const toolCallFields = {
  kind: ToolKind.optional(),
  status: ToolCallStatus.optional(),
  content: z.array(ToolCallContent).optional(),
  locations: z.array(z.object({ path: z.string(), line: z.number().int().optional() })).optional(),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
  parentToolCallId: z.string().optional(),
};

export const agentEventData = {
  user_message_chunk: MessageChunk,
  agent_message_chunk: MessageChunk,
  agent_thought_chunk: MessageChunk,
  /** A tool call begins. */
  tool_call: z.object({ toolCallId: z.string(), title: z.string(), ...toolCallFields }),
  /** What has changed of a tool call; a field that is absent stays as it was. */
  tool_call_update: z.object({ toolCallId: z.string(), title: z.string().optional(), ...toolCallFields }),
  /** The whole plan; it replaces the one before. */
  plan: z.object({ entries: z.array(PlanEntry) }),
  available_commands_update: z.object({
    availableCommands: z.array(z.object({ name: z.string(), description: z.string() })),
  }),
  current_mode_update: z.object({ currentModeId: z.string() }),
  session_info_update: z.object({ title: z.string().nullable().optional() }),
  /** How full the context window is, in tokens, and what the session has cost so far. */
  usage_update: z.object({
    used: z.number(),
    size: z.number(),
    cost: z.object({ amount: z.number(), currency: z.string() }).optional(),
  }),
} as const;
