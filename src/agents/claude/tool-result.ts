import type { ToolCallContent } from '../../contracts/agent-events.ts';
import type { EventData, NewEvent } from '../../contracts/events.ts';
import { planAfter, planEvents } from './plan.ts';
import type { ClaudeState } from './state.ts';
import { appliedEdit } from './tool-diff.ts';
import { under } from './translation.ts';
import type { ResultContent, UserBlock, UserLine } from './wire.ts';

/** A tool has answered. What it was called with is forgotten. */
export function toolResult(
  state: ClaudeState,
  toolCallId: string,
  block: UserBlock,
  line: UserLine,
): { state: ClaudeState; events: NewEvent[] } {
  const isFailed = block.is_error === true;
  const { [toolCallId]: tool, ...tools } = state.tools;
  const isMain = (line.parent_tool_use_id ?? null) === null;
  const plan =
    isMain && !isFailed && tool !== undefined ? planAfter(state.plan, tool, line.tool_use_result) : state.plan;
  const data: EventData<'tool_call_update'> = {
    toolCallId,
    status: isFailed ? 'failed' : 'completed',
    ...(isFailed ? output(block) : (edit(line.tool_use_result) ?? output(block))),
    ...under(line.parent_tool_use_id),
  };
  return {
    state: { ...state, tools, plan },
    events: [{ type: 'tool_call_update', data }, ...planEvents(state.plan, plan)],
  };
}

/** What an edit did says more than the sentence that it was done. */
function edit(result: unknown): Pick<EventData<'tool_call_update'>, 'content' | 'locations'> | null {
  const applied = appliedEdit(result);
  if (applied === null) return null;
  const { path, diffs, line } = applied;
  return { content: diffs, locations: [line === null ? { path } : { path, line }] };
}

function output({ content }: UserBlock): { content: ToolCallContent[] } {
  if (content === undefined) return { content: [] };
  if (typeof content === 'string') return { content: [text(content)] };
  return { content: content.flatMap(shown) };
}

function shown({ type, text: words, source }: ResultContent): ToolCallContent[] {
  if (type === 'text' && words !== undefined) return [text(words)];
  if (type === 'image' && source?.data !== undefined) {
    const mimeType = source.media_type ?? 'application/octet-stream';
    return [{ type: 'content', content: { type: 'image', data: source.data, mimeType } }];
  }
  return [];
}

function text(words: string): ToolCallContent {
  return { type: 'content', content: { type: 'text', text: words } };
}
