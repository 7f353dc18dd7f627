import type { FailureReason } from '../../contracts/failure-reason.ts';
import type { Conclusion, ExitEvidence } from '../driver.ts';
import { classifyDiagnostics, classifyFailure } from './classify.ts';
import type { ClaudeState } from './state.ts';
import { explained } from './way-out.ts';

/**
 * A process that has gone in mid turn. It has failed, whatever its exit code: 0 comes also after SIGINT, and where nothing was
 * done. stderr tells why it would not start at all.
 */
export function conclude(state: ClaudeState, exit: ExitEvidence): Conclusion {
  // Its own result has come; only the reports of subagents have not.
  if (state.awaiting !== null && exit.code === 0) return state.awaiting;
  const { reason, what } = judged(state, exit);
  return { outcome: 'failed', reason, message: explained(what, reason), ...answerOf(state.said) };
}

/** The answer of a turn: the result's text, else what the agent said last, else nothing, and then it says so. */
export function answerOf(said: string, result = ''): Pick<Conclusion, 'answer' | 'answerSource'> {
  if (result !== '') return { answer: result, answerSource: 'result' };
  return said === '' ? { answer: '', answerSource: 'none' } : { answer: said, answerSource: 'message' };
}

function judged(state: ClaudeState, { code, signal }: ExitEvidence): { reason: FailureReason; what: string } {
  if (signal !== null) return crashed(`Claude Code was ended by ${signal} before its turn was over`);
  if (code === 0) {
    return { reason: 'no_terminal_event', what: 'Claude Code exited without saying how its turn ended' };
  }
  if (state.report !== null) {
    return { reason: classifyFailure({ ...noResult, report: state.report }), what: state.report.text };
  }
  const told = classifyDiagnostics(state.diagnostics);
  if (told !== null) return { reason: told.reason, what: told.text };
  if (code === null) return crashed('Claude Code is gone, and nothing says how it ended');
  const last = state.diagnostics.trim().split('\n').at(-1);
  const words = last === undefined || last === '' ? '' : `: ${last}`;
  return crashed(`Claude Code ended with ${named(code)} before its turn was over${words}`);
}

const noResult = { subtype: '', terminalReason: null, httpStatus: null, errors: [] };

/** Claude Code exits with 128 and the signal's number when it is told to go. */
function named(code: number): string {
  const signal = new Map([
    [129, 'SIGHUP'],
    [130, 'SIGINT'],
    [143, 'SIGTERM'],
  ]).get(code);
  return signal === undefined ? `exit code ${code}` : `exit code ${code} (${signal})`;
}

function crashed(what: string): { reason: FailureReason; what: string } {
  return { reason: 'agent_crashed', what };
}
