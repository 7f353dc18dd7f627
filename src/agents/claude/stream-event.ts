import type { NewEvent } from '../../contracts/events.ts';
import { giveUp } from './give-up.ts';
import { blockId, discardBegun, kindOfBlock, messageOf, newMessage, withBlock, withMessage } from './messages.ts';
import { type ClaudeState, inTurn, type OpenMessage } from './state.ts';
import { kindOf } from './tool-call.ts';
import { type ClaudeTranslation, notUnderstood, reading, understood, under } from './translation.ts';
import { countMessage, creditTakenBack } from './usage.ts';
import { StreamEventLine } from './wire.ts';

/** The API's own stream, event by event (`--include-partial-messages`); subagents have none. */
export const streamEvent = reading(StreamEventLine, (before, { event, parent_tool_use_id: parent }) => {
  if (event.type === 'ping' || event.type === 'error') return understood(before);
  const state = (parent ?? null) === null ? inTurn(before) : before;
  if (event.type === 'message_start') return begin(state, event.message, parent);
  const message = messageOf(state, parent);
  if (message === undefined) return isClosing(event) ? understood(before) : notUnderstood(before);
  switch (event.type) {
    case 'content_block_delta':
      return understood(state, chunk(message, event.index, event.delta));
    case 'content_block_start':
      return beginBlock(state, message, event.index, event.content_block);
    case 'content_block_stop':
      return understood(state);
    case 'message_delta':
      return count(state, message, event.usage);
    case 'message_stop':
      return end(state, message);
  }
});

/** What closes a message may come after the result of its turn, which has forgotten it. */
function isClosing({ type }: StreamEventLine['event']): boolean {
  return type === 'content_block_stop' || type === 'message_delta' || type === 'message_stop';
}

type StreamEvent<Type extends StreamEventLine['event']['type']> = Extract<StreamEventLine['event'], { type: Type }>;

function begin(
  state: ClaudeState,
  { id, model, usage }: StreamEvent<'message_start'>['message'],
  parent: string | null | undefined,
): ClaudeTranslation {
  const { state: next, events } = giveUp(state, parent);
  const counted = count(next, newMessage({ id, model, parent, isStreaming: true }), usage);
  return { ...counted, events: [...events, ...counted.events] };
}

/** A block without a snapshot is over now: the stream broke in it (2.1.330 says so with `abandoned_blocks`). */
function end(state: ClaudeState, message: OpenMessage): ClaudeTranslation {
  const { message: whole, events } = discardBegun(message);
  const usage = events.length > 0 ? creditTakenBack(state.usage, message) : state.usage;
  return understood({ ...withMessage(state, { ...whole, isStreaming: false }), usage }, events);
}

function chunk(message: OpenMessage, index: number, delta: StreamEvent<'content_block_delta'>['delta']): NewEvent[] {
  const messageId = blockId(message, index);
  switch (delta.type) {
    case 'text_delta':
      return [
        {
          type: 'agent_message_chunk',
          data: { messageId, content: { type: 'text', text: delta.text }, ...under(message.parent) },
        },
      ];
    case 'thinking_delta':
      return [
        {
          type: 'agent_thought_chunk',
          data: { messageId, content: { type: 'text', text: delta.thinking }, ...under(message.parent) },
        },
      ];
    default:
      return [];
  }
}

/** A tool's input is still to come, so its call begins with no more than a name. */
function beginBlock(
  state: ClaudeState,
  message: OpenMessage,
  index: number,
  content: StreamEvent<'content_block_start'>['content_block'],
): ClaudeTranslation {
  const kind = kindOfBlock(content);
  const toolCallId = kind === 'tool' ? (content.id ?? null) : null;
  const next = withMessage(state, withBlock(message, { index, kind, toolCallId, isComplete: false }));
  if (toolCallId === null) return understood(next);
  const name = content.name ?? 'tool';
  return understood(next, [
    {
      type: 'tool_call',
      data: { toolCallId, title: name, kind: kindOf(name), status: 'pending', ...under(message.parent) },
    },
  ]);
}

function count(state: ClaudeState, message: OpenMessage, usage: Parameters<typeof countMessage>[2]): ClaudeTranslation {
  const counted = countMessage(state.usage, message, usage);
  return understood({ ...withMessage(state, counted.message), usage: counted.ledger }, counted.events);
}
