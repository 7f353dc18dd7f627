import type { NewEvent } from '../../contracts/events.ts';
import type { Line, Translation } from '../driver.ts';
import type { State } from './state.ts';
import { maxMessage, messageId } from './state.ts';

/** What a program prints is what it says: lines on stdout are pieces of a message, those on stderr are diagnostics. Pure. */
export function translate(state: State, { stream, text }: Line): Translation<State> {
  if (stream === 'stderr') return recognised(state, [{ type: 'agent.diagnostic', data: { text } }]);
  const piece = `${text}\n`;
  const isFull = state.text !== '' && state.text.length + piece.length > maxMessage;
  const begun = isFull ? completed(state) : state;
  const chunk: NewEvent = {
    type: 'agent_message_chunk',
    data: { messageId: messageId(begun), content: { type: 'text', text: piece } },
  };
  const said = { ...begun, text: begun.text + piece };
  const events = isFull ? [completion(state), chunk] : [chunk];
  // A line that is longer than a message may be is one of its own, and is not remembered.
  if (said.text.length <= maxMessage) return recognised(said, events);
  return recognised(completed({ ...said, text: said.text.slice(0, maxMessage) }), [...events, completion(said)]);
}

/** The whole message, in the place of its pieces. */
export function completion(state: State): NewEvent {
  return {
    type: 'message.completed',
    data: { messageId: messageId(state), role: 'agent', content: [{ type: 'text', text: state.text }] },
  };
}

function completed({ prefix, complete, text }: State): State {
  return { prefix, complete: complete + 1, text: '', last: text };
}

function recognised(state: State, events: readonly NewEvent[]): Translation<State> {
  return { state, events, intents: [], isRecognised: true };
}
