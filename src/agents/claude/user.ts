import type { NewEvent } from '../../contracts/events.ts';
import { inTurn } from './state.ts';
import { toolResult } from './tool-result.ts';
import { reading, understood, under } from './translation.ts';
import { type UserBlock, UserLine } from './wire.ts';

/**
 * What is said to the model in the user's name: results of tools, and texts of the program. Our own prompts are in the log already; that
 * they are repeated shows which turn took them up.
 */
export const user = reading(UserLine, (before, line) => {
  if (line.isReplay === true) return understood(line.isSynthetic === true ? before : { ...before, prompted: 'yes' });
  const events: NewEvent[] = [];
  const { content } = line.message;
  const blocks: UserBlock[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  let state = isOfTurn(blocks, line) ? inTurn(before) : before;
  for (const block of blocks) {
    if (block.type !== 'tool_result' || block.tool_use_id === undefined) continue;
    const result = toolResult(state, block.tool_use_id, block, line);
    events.push(...result.events);
    state = result.state;
  }
  events.push(...said(blocks, line));
  return understood(state, events);
});

/** A text for the model is shown too, unless the program only nudges it, or says what the end of the run says. */
function said(blocks: readonly UserBlock[], line: UserLine): NewEvent[] {
  const content = blocks
    .filter((block) => block.type === 'text' && block.text !== undefined && !isInterruption(block.text))
    .map((block) => ({ type: 'text' as const, text: block.text ?? '' }));
  if (content.length === 0 || line.isSynthetic === true || line.uuid === undefined) return [];
  const data = { messageId: line.uuid, role: 'user' as const, content, ...under(line.parent_tool_use_id) };
  return [{ type: 'message.completed', data }];
}

/** That it was interrupted is said behind the result, too, where subagents were interrupted with it. */
function isOfTurn(blocks: readonly UserBlock[], { parent_tool_use_id: parent }: UserLine): boolean {
  return (parent ?? null) === null && !blocks.every(({ text }) => text !== undefined && isInterruption(text));
}

function isInterruption(text: string): boolean {
  return text === '[Request interrupted by user]' || text === '[Request interrupted by user for tool use]';
}
