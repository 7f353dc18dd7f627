import type { NewEvent } from '../../contracts/events.ts';
import { type ClaudeState, diagnosticsLimit, inTurn, saidLimit } from './state.ts';
import { type ClaudeTranslation, understood } from './translation.ts';

/**
 * stdout before any JSON: with `--output-format text` it is the answer, line by line. It proves nothing: without a result, nobody
 * knows whether it is whole.
 */
export function plainText(state: ClaudeState, text: string): ClaudeTranslation {
  if (text.trim() === '' && state.stdout !== 'text') return understood(state);
  const isFirst = state.stdout !== 'text';
  const words = isFirst ? text : `\n${text}`;
  const next: ClaudeState = { ...inTurn(state), stdout: 'text', said: (state.said + words).slice(0, saidLimit) };
  const event: NewEvent = {
    type: 'agent_message_chunk',
    data: { messageId: 'text', content: { type: 'text', text: words } },
  };
  return understood(next, [event]);
}

/** stderr is for people; only its end is kept, as evidence for an end without a result. */
export function diagnostic(state: ClaudeState, text: string): ClaudeTranslation {
  if (text.trim() === '') return understood(state);
  const diagnostics = tail(`${state.diagnostics}${text}\n`);
  return understood({ ...state, diagnostics }, [{ type: 'agent.diagnostic', data: { text } }]);
}

/** Whole lines, because evidence is known by how a line begins; of a single long line its beginning. */
function tail(text: string): string {
  if (text.length <= diagnosticsLimit) return text;
  const kept = text.slice(text.indexOf('\n', text.length - diagnosticsLimit) + 1);
  return kept === '' ? text.slice(text.lastIndexOf('\n', text.length - 2) + 1).slice(0, diagnosticsLimit) : kept;
}
