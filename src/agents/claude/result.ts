import type { NewEvent } from '../../contracts/events.ts';
import type { Conclusion } from '../driver.ts';
import { classifyFailure } from './classify.ts';
import { answerOf } from './conclude.ts';
import { messageOf } from './messages.ts';
import type { ClaudeState, ErrorReport } from './state.ts';
import { reading, understood } from './translation.ts';
import { contextWindow, countResult } from './usage.ts';
import { explained } from './way-out.ts';
import { ResultLine } from './wire.ts';

/**
 * The end of a turn. While subagents are at work behind the main agent's back (the default since 2.1.330) its result is not the last
 * word: their reports wake it for turns that nobody prompted (origin "task-notification"), and the result of the last one is ours. Other
 * turns that it starts by itself, because a command that it left in the background is done or an hour has come that it had set itself,
 * end no run of ours: they may stand between a prompt and the result of its turn.
 */
export const result = reading(ResultLine, (state, line) => {
  const last = messageOf(state, null);
  const counted = countResult(state.usage, line, last?.model ?? null);
  const events: NewEvent[] = [...counted.events, ...contextWindow(line, last)];
  const over: ClaudeState = {
    ...state,
    isTurnOpen: false,
    prompted: state.prompted === 'unknown' ? 'unknown' : 'no',
    messages: state.messages.filter(({ parent }) => parent !== null),
    usage: counted.ledger,
    said: '',
    report: null,
    diagnostics: '',
  };
  // A subagent that still works has nobody who waits for it: its report opens a turn that ends no run.
  const ended: ClaudeState = { ...over, tools: {}, awaiting: null, subagents: [] };
  if (state.awaiting === null && !isPrompted(state, line)) return understood(ended, events);
  const conclusion = withAnswer(concluded(state, line), state.awaiting);
  if (conclusion.outcome === 'succeeded' && state.subagents.length > 0) {
    return understood({ ...over, awaiting: conclusion }, events);
  }
  if (conclusion.reason === 'auth_required') {
    events.push({ type: 'auth.required', data: { message: conclusion.message ?? '' } });
  }
  return understood(ended, events, [{ type: 'turn_ended', ...conclusion }]);
});

/**
 * Whether a turn was that of a prompt. Its origin does not tell: a turn at a set hour has none, and a prompt that comes while the agent
 * is in a turn of its own is taken up there, before its next request to the model (all seen with 2.1.197 and 2.1.330). So it goes by the
 * prompts that are repeated. Those that never reach the model are not, nor does the result of a local command name a reason.
 */
function isPrompted(state: ClaudeState, { origin, terminal_reason: reason }: ResultLine): boolean {
  if (state.prompted === 'yes') return true;
  if (origin && origin.kind !== 'human') return false;
  const hasAsked = messageOf(state, null) !== undefined || state.report !== null;
  return state.prompted === 'unknown' || !reason || !hasAsked;
}

/** An agent that was woken and had nothing to add has said its answer before. */
function withAnswer(conclusion: Conclusion, before: Conclusion | null): Conclusion {
  if (conclusion.answerSource !== 'none' || before === null) return conclusion;
  return { ...conclusion, answer: before.answer, answerSource: before.answerSource };
}

/** Judged by the result, never by the exit code: a turn that failed says `subtype: "success"` with `is_error`. */
function concluded(state: ClaudeState, line: ResultLine): Conclusion {
  if (line.terminal_reason?.startsWith('aborted_')) {
    return { outcome: 'interrupted', reason: null, message: 'The turn was interrupted', ...answerOf(state.said) };
  }
  if (!line.is_error) {
    return { outcome: 'succeeded', reason: null, message: null, ...answerOf(state.said, line.result) };
  }
  const report = state.report ?? reportOf(state, line);
  const errors = line.errors ?? [];
  const reason = classifyFailure({
    subtype: line.subtype,
    terminalReason: line.terminal_reason ?? null,
    httpStatus: line.api_error_status ?? null,
    report,
    errors,
  });
  const what = errors.length > 0 ? errors.join('; ') : (report?.text ?? `Claude Code ended its turn: ${line.subtype}`);
  return { outcome: 'failed', reason, message: explained(what, reason), ...answerOf(state.said) };
}

/** The text of an error result is the program's own, unless the model said just that. */
function reportOf(state: ClaudeState, { result: text }: ResultLine): ErrorReport | null {
  return text === undefined || text === state.said ? null : { error: 'unknown', text };
}
