import type { NewEvent } from '../../contracts/events.ts';
import { type ClaudeState, diagnosticsLimit, inTurn, saidLimit } from './state.ts';
import { type ClaudeTranslation, notUnderstood, understood } from './translation.ts';

/**
 * stdout before any JSON: with `--output-format text` it is the answer, line by line. It proves nothing: without a result, nobody
 * knows whether it is whole. What the state cannot hold, and so could not be taken back, is not understood.
 */
export function plainText(state: ClaudeState, text: string): ClaudeTranslation {
  if (text.trim() === '' && state.stdout !== 'text') return understood(state);
  const isFirst = state.stdout !== 'text';
  const words = isFirst ? text : `\n${text}`;
  const said = state.said + words;
  if (said.length > saidLimit) return notUnderstood(state);
  const event: NewEvent = {
    type: 'agent_message_chunk',
    data: { messageId, content: { type: 'text', text: words } },
  };
  return understood({ ...inTurn(state), stdout: 'text', said }, [event]);
}

/** The first line of JSON: what came before it was no answer, but lines that nobody understands. */
export function beginJson(state: ClaudeState): { state: ClaudeState; events: NewEvent[] } {
  if (state.stdout !== 'text') return { state: { ...state, stdout: 'json' }, events: [] };
  const lines = state.said.split('\n').filter((line) => line.trim() !== '');
  const takenBack: NewEvent = {
    type: 'message.completed',
    data: { messageId, role: 'agent', content: [], isDiscarded: true },
  };
  return {
    state: { ...state, stdout: 'json', said: '', isTurnOpen: false },
    events: [takenBack, ...lines.map((text): NewEvent => ({ type: 'agent.output', data: { stream: 'stdout', text } }))],
  };
}

const messageId = 'text';

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
