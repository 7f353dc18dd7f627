import type { FailureReason } from '../../contracts/failure-reason.ts';
import type { ErrorReport } from './state.ts';

export interface Failure {
  readonly subtype: string;
  readonly terminalReason: string | null;
  readonly httpStatus: number | null;
  /** The program's own report; null also where what it says is only what the model said. */
  readonly report: ErrorReport | null;
  readonly errors: readonly string[];
}

/**
 * Why a turn failed, from the fields of its result first, then from how the program's own sentences begin: releases change the
 * fields (`terminal_reason` is "completed" or "api_error" for the same failure). What the model says is no evidence.
 */
export function classifyFailure(failure: Failure): FailureReason {
  const { report } = failure;
  return (
    bySubtype.get(failure.subtype) ??
    (failure.terminalReason === null ? undefined : byTerminalReason.get(failure.terminalReason)) ??
    failure.errors.map(bySentence).find((reason) => reason !== undefined) ??
    (report === null ? undefined : (byError.get(report.error) ?? bySentence(report.text))) ??
    byStatus(failure.httpStatus) ??
    (report !== null && /^API Error\b/.test(report.text) ? 'model_unreachable' : 'agent_crashed')
  );
}

/** Why the program ended without a word on stdout, where stderr tells. */
export function classifyDiagnostics(diagnostics: string): { reason: FailureReason; text: string } | null {
  for (const text of diagnostics.split('\n')) {
    const reason = bySentence(text);
    if (reason !== undefined) return { reason, text };
  }
  return null;
}

const bySubtype: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['error_max_turns', 'max_turns'],
  ['error_max_budget_usd', 'budget_exceeded'],
  ['error_max_structured_output_retries', 'invalid_request'],
]);

const byTerminalReason: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['prompt_too_long', 'context_overflow'],
  ['image_error', 'context_overflow'],
  ['max_turns', 'max_turns'],
  ['budget_exhausted', 'budget_exceeded'],
]);

/** `invalid_request`, `server_error` and `unknown` stand for too many things to decide alone. */
const byError: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['authentication_failed', 'auth_required'],
  ['oauth_org_not_allowed', 'auth_required'],
  ['verification_required', 'auth_required'],
  ['cloud_credential_error', 'auth_required'],
  ['billing_error', 'billing'],
  ['account_on_hold', 'billing'],
  ['rate_limit', 'rate_limited'],
  ['overloaded', 'overloaded'],
  ['model_not_found', 'model_not_found'],
  ['max_output_tokens', 'output_limit'],
]);

/** All anchored: a sentence of the program is known by its beginning, and may go on with anybody's words. */
const sentences: readonly (readonly [RegExp, FailureReason])[] = [
  [/^No conversation found with session ID\b/, 'session_not_found'],
  [/^Error: --resume requires a valid session ID\b/, 'session_not_found'],
  [/^--dangerously-skip-permissions cannot be used with root\b/, 'permission_denied'],
  [/^error: (unknown option|option|unknown command|too many arguments)\b/, 'invalid_request'],
  [/^Error: Session ID \S+ is already in use\b/, 'invalid_request'],
  [/^Error: (Input must be provided|When using --print)\b/, 'invalid_request'],
  [/^Error parsing streaming input line\b/, 'invalid_request'],
  [/^(Not logged in|Invalid API key|Failed to authenticate|OAuth token)\b/, 'auth_required'],
  [/^Credit balance is too low\b/, 'billing'],
  [/^(You've hit your|Claude AI usage limit reached)\b/, 'rate_limited'],
  [/^API Error: Request rejected \(429\)/, 'rate_limited'],
  [/^API Error: (Repeated )?(529|503)\b/, 'overloaded'],
  [/^API Error: 400 (due to tool use concurrency issues|messages\.\d)/, 'session_poisoned'],
  [/^API Error: Claude Code is unable to respond to this request\b/, 'invalid_request'],
  [/^API Error: (Unable to connect|Connection|API returned an empty or malformed response)\b/, 'model_unreachable'],
  [/^Request timed out\b/, 'model_unreachable'],
  [/^Prompt is too long\b/, 'context_overflow'],
  [/^There's an issue with the selected model\b/, 'model_not_found'],
];

function bySentence(text: string): FailureReason | undefined {
  return sentences.find(([pattern]) => pattern.test(text))?.[1];
}

function byStatus(status: number | null): FailureReason | undefined {
  if (status === null) return undefined;
  if (status === 401 || status === 403) return 'auth_required';
  if (status === 402) return 'billing';
  if (status === 404) return 'model_not_found';
  if (status === 413) return 'context_overflow';
  if (status === 429) return 'rate_limited';
  if (status === 503 || status === 529) return 'overloaded';
  if (status === 408 || status >= 500) return 'model_unreachable';
  return status >= 400 ? 'invalid_request' : undefined;
}
