import type { Line } from '../driver.ts';
import { assistant } from './assistant.ts';
import { controlCancel, controlRequest, controlResponse } from './control.ts';
import { beginJson, diagnostic, plainText } from './plain-text.ts';
import { rateLimit } from './rate-limit.ts';
import { result } from './result.ts';
import type { ClaudeState } from './state.ts';
import { streamEvent } from './stream-event.ts';
import { system } from './system.ts';
import { type ClaudeTranslation, notUnderstood, silent, type Translator } from './translation.ts';
import { user } from './user.ts';

/** One line of Claude Code's output. Pure: what must be remembered is in the state that comes back. */
export function translate(state: ClaudeState, { stream, text }: Line): ClaudeTranslation {
  if (stream === 'stderr') return diagnostic(state, text);
  const isJson = state.stdout === 'json';
  const native = parsed(text);
  const type = native?.['type'];
  if (native === undefined || typeof type !== 'string') {
    return isJson && text.trim() !== '' ? notUnderstood(state) : plainText(state, text);
  }
  const translator = translators.get(type) ?? notUnderstood;
  if (isJson) return translator(state, native);
  const begun = beginJson(state);
  const translation = translator(begun.state, native);
  return { ...translation, events: [...begun.events, ...translation.events] };
}

const translators: ReadonlyMap<string, Translator> = new Map<string, Translator>([
  ['stream_event', streamEvent],
  ['assistant', assistant],
  ['user', user],
  ['system', system],
  ['result', result],
  ['control_request', controlRequest],
  ['control_response', controlResponse],
  ['control_cancel_request', controlCancel],
  ['rate_limit_event', rateLimit],
  // Progress, and what other lines tell as well.
  ['keep_alive', silent],
  ['tool_progress', silent],
  ['tool_use_summary', silent],
  ['auth_status', silent],
  ['prompt_suggestion', silent],
  ['transcript_mirror', silent],
  ['active_goal', silent],
  ['conversation_reset', silent],
]);

function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
