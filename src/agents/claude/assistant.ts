import type { NewEvent } from '../../contracts/events.ts';
import { giveUp } from './give-up.ts';
import { blockId, kindOfBlock, messageOf, newMessage, withBlock, withMessage } from './messages.ts';
import { type Block, type ClaudeState, inTurn, type OpenMessage, saidLimit } from './state.ts';
import { describeToolCall } from './tool-call.ts';
import { reading, understood, under } from './translation.ts';
import { countMessage } from './usage.ts';
import { AssistantLine, type ContentBlock } from './wire.ts';

/**
 * The snapshot of a block. With partial messages it comes between the block's last delta and its `content_block_stop`; without them
 * the blocks of a message come one to a line under the same id, and are counted.
 */
export const assistant = reading(AssistantLine, (before, line) => {
  const isMain = (line.parent_tool_use_id ?? null) === null;
  const opened = isMain ? inTurn(before) : before;
  if (line.error !== undefined) {
    return understood(isMain ? withReport(opened, line.error, line.message.content) : opened);
  }

  const { id, model, content, usage } = line.message;
  const speaking = messageOf(opened, line.parent_tool_use_id);
  const isSame = speaking?.id === id;
  const given = isSame ? { state: opened, events: [] } : giveUp(opened, line.parent_tool_use_id);
  const known = isSame ? speaking : newMessage({ id, model, parent: line.parent_tool_use_id, isStreaming: false });
  const counted = countMessage(given.state.usage, known, usage);

  const events: NewEvent[] = [...given.events, ...counted.events];
  // The turn goes on, so whatever went wrong before did not end it.
  let state: ClaudeState = { ...given.state, usage: counted.ledger, report: isMain ? null : opened.report };
  let message = counted.message;
  for (const block of content) {
    const place = placeOf(message, block);
    message = withBlock(message, { ...place, isComplete: true });
    events.push(...eventsOf(message, place, block));
    state = remembering(state, message, block);
  }
  return understood(withMessage(state, message), events);
});

/** The program's own words about an error: they go to the user with the result, not into what the agent said. */
function withReport(state: ClaudeState, error: string, content: readonly ContentBlock[]): ClaudeState {
  const text = content.map((block) => block.text ?? '').join('\n');
  return { ...state, report: { error, text: text.slice(0, saidLimit) } };
}

/** The block that the stream has begun and this completes; else the next one. */
function placeOf(message: OpenMessage, block: ContentBlock): Block {
  const kind = kindOfBlock(block);
  const toolCallId = kind === 'tool' ? (block.id ?? null) : null;
  const begun = message.blocks.find((one) => !one.isComplete && one.kind === kind && one.toolCallId === toolCallId);
  if (begun !== undefined) return begun;
  const index = message.blocks.reduce((next, one) => Math.max(next, one.index + 1), 0);
  return { index, kind, toolCallId, isComplete: true };
}

function eventsOf(message: OpenMessage, place: Block, block: ContentBlock): NewEvent[] {
  switch (place.kind) {
    case 'agent':
      return [completed(message, place.index, 'agent', block.text)];
    case 'thought':
      return [completed(message, place.index, 'thought', block.thinking)];
    case 'tool':
      return place.toolCallId === null ? [] : [called(message, place, place.toolCallId, block)];
    case 'other':
      return [];
  }
}

function completed(message: OpenMessage, index: number, role: 'agent' | 'thought', text = ''): NewEvent {
  const content = [{ type: 'text' as const, text }];
  return {
    type: 'message.completed',
    data: { messageId: blockId(message, index), role, content, ...under(message.parent) },
  };
}

function called(
  message: OpenMessage,
  place: Block,
  toolCallId: string,
  { name = 'tool', input }: ContentBlock,
): NewEvent {
  const data = {
    toolCallId,
    ...describeToolCall(name, input),
    status: 'in_progress' as const,
    rawInput: input,
    ...under(message.parent),
  };
  return { type: place.isComplete ? 'tool_call' : 'tool_call_update', data };
}

function remembering(state: ClaudeState, message: OpenMessage, block: ContentBlock): ClaudeState {
  const kind = kindOfBlock(block);
  if (kind === 'agent' && message.parent === null && block.text?.trim()) {
    return { ...state, said: block.text.slice(0, saidLimit) };
  }
  if (kind === 'tool' && block.id !== undefined) {
    return { ...state, tools: { ...state.tools, [block.id]: block.name ?? 'tool' } };
  }
  return state;
}
