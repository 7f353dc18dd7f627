import type { NewEvent } from '../../contracts/events.ts';
import { discardBegun, messageOf, withMessage } from './messages.ts';
import type { ClaudeState } from './state.ts';
import { creditTakenBack } from './usage.ts';

/** Another message of the same speaker begins: one whose stream has not come to its end is given up. */
export function giveUp(
  state: ClaudeState,
  parent: string | null | undefined,
): { state: ClaudeState; events: NewEvent[] } {
  const last = messageOf(state, parent);
  if (last?.isStreaming !== true) return { state, events: [] };
  const { message, events } = discardBegun(last);
  const ended = withMessage(state, { ...message, isStreaming: false });
  return { state: { ...ended, usage: creditTakenBack(state.usage, last) }, events };
}
