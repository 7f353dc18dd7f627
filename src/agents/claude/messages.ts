import type { NewEvent } from '../../contracts/events.ts';
import { type Block, type ClaudeState, noTokens, type OpenMessage, speakersLimit } from './state.ts';
import { under } from './translation.ts';
import type { ContentBlock } from './wire.ts';

/**
 * Message ids decide what belongs together, never the order of lines. Each block of a message is a message of its own here,
 * `<message id>:<block index>`, so that thought, text, tool call and text again keep their order.
 */
export function blockId(message: Pick<OpenMessage, 'id'>, index: number): string {
  return `${message.id}:${index}`;
}

export function messageOf(state: ClaudeState, parent: string | null | undefined): OpenMessage | undefined {
  return state.messages.find((message) => message.parent === (parent ?? null));
}

/** The state with this as its speaker's newest message. */
export function withMessage(state: ClaudeState, message: OpenMessage): ClaudeState {
  const others = state.messages.filter(({ parent }) => parent !== message.parent);
  const main = others.filter(({ parent }) => parent === null);
  const subagents = others.filter(({ parent }) => parent !== null).slice(-speakersLimit);
  return { ...state, messages: [...main, ...subagents, message] };
}

export function newMessage(
  from: Pick<OpenMessage, 'id' | 'model' | 'isStreaming'> & { parent: string | null | undefined },
): OpenMessage {
  const { id, model, isStreaming } = from;
  return { id, parent: from.parent ?? null, model, isStreaming, blocks: [], counted: noTokens };
}

/**
 * What a message has begun and will never complete. A stream that breaks before its first block is whole is followed by a silent
 * repeat of the request, whose answer has another id; after a whole block the program gives up with an error (2.1.197) or goes on
 * in another message (2.1.330). The deltas are printed already, so what they began is discarded.
 */
export function discardBegun(message: OpenMessage): { message: OpenMessage; events: NewEvent[] } {
  const begun = message.blocks.filter(({ isComplete }) => !isComplete);
  if (begun.length === 0) return { message, events: [] };
  return {
    message: { ...message, blocks: message.blocks.filter(({ isComplete }) => isComplete) },
    events: begun.flatMap((block) => discarded(message, block)),
  };
}

export function kindOfBlock({ type }: Pick<ContentBlock, 'type'>): Block['kind'] {
  switch (type) {
    case 'text':
      return 'agent';
    case 'thinking':
      return 'thought';
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return 'tool';
    default:
      return 'other';
  }
}

/** Puts the block in the place of the one with its index. */
export function withBlock(message: OpenMessage, block: Block): OpenMessage {
  return { ...message, blocks: [...message.blocks.filter(({ index }) => index !== block.index), block] };
}

function discarded(message: OpenMessage, { kind, index, toolCallId }: Block): NewEvent[] {
  if (kind === 'tool' && toolCallId !== null) {
    return [{ type: 'tool_call_update', data: { toolCallId, status: 'failed', ...under(message.parent) } }];
  }
  if (kind !== 'agent' && kind !== 'thought') return [];
  const messageId = blockId(message, index);
  return [
    {
      type: 'message.completed',
      data: { messageId, role: kind, content: [], isDiscarded: true, ...under(message.parent) },
    },
  ];
}
