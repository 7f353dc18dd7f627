import type { Conclusion } from '../driver.ts';

/**
 * What the translator remembers between lines: plain JSON, committed with the offset it belongs to. It holds ids and counts, and of
 * texts only the two that an ending needs, both bounded.
 */
export interface ClaudeState {
  /** What stdout has been so far: other output formats than ours print plain text. */
  readonly stdout: 'silent' | 'text' | 'json';
  /** The agent's session that the process was told to reopen. */
  readonly reopened: string | null;
  readonly sessionId: string | null;
  readonly mode: string | null;
  readonly hasCommands: boolean;
  /** The main agent is at work: from the first line of a turn to its result. */
  readonly isTurnOpen: boolean;
  /** Whether a prompt of ours was repeated in this turn; unknown where none was in any (`--replay-user-messages`). */
  readonly prompted: 'unknown' | 'no' | 'yes';
  /** Tasks of this turn's subagents that are at work, in the foreground or behind the main agent's back. */
  readonly subagents: readonly string[];
  /** What the main agent's own result said while subagents were still at work: the turn ends when they have reported. */
  readonly awaiting: Conclusion | null;
  /** The newest message of each speaker: the main agent and the last `speakersLimit` subagents. */
  readonly messages: readonly OpenMessage[];
  /** Names of the tools whose calls have no result yet, by call id. */
  readonly tools: Readonly<Record<string, string>>;
  readonly plan: readonly PlanTask[];
  readonly usage: Ledger;
  /** What the main agent said last in this turn, up to `saidLimit` characters: the answer where the result brings none. */
  readonly said: string;
  /** The program's own report of an error in this turn. */
  readonly report: ErrorReport | null;
  /** The end of stderr, up to `diagnosticsLimit` characters: evidence for an end without a result. */
  readonly diagnostics: string;
}

export interface OpenMessage {
  readonly id: string;
  /** Null: the main agent. */
  readonly parent: string | null;
  readonly model: string;
  /** Told by stream events that have not come to `message_stop`. */
  readonly isStreaming: boolean;
  readonly blocks: readonly Block[];
  /** What has been counted of its usage. */
  readonly counted: Tokens;
}

export interface Block {
  readonly index: number;
  readonly kind: 'agent' | 'thought' | 'tool' | 'other';
  readonly toolCallId: string | null;
  /** Its snapshot has come. */
  readonly isComplete: boolean;
}

export interface PlanTask {
  readonly id: string;
  readonly content: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

export interface Ledger {
  /** The process's own totals at its last result. */
  readonly reported: Tokens;
  readonly reportedCostUsd: number;
  /** What has been recorded since then. */
  readonly counted: Tokens;
  /** Recorded for messages that were taken back: set against what their repeats tell, as the process's own totals do. */
  readonly credit: Tokens;
}

export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export interface ErrorReport {
  /** The program's own word for the kind of error. */
  readonly error: string;
  readonly text: string;
}

/** Rises with every change that an older translator could not read. */
export const stateVersion = 2;

export const noTokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

export const speakersLimit = 32;
export const saidLimit = 64 * 1024;
export const diagnosticsLimit = 4 * 1024;

export function initialState(nativeSessionId: string | null = null): ClaudeState {
  return {
    stdout: 'silent',
    reopened: nativeSessionId,
    sessionId: null,
    mode: null,
    hasCommands: false,
    isTurnOpen: false,
    prompted: 'unknown',
    subagents: [],
    awaiting: null,
    messages: [],
    tools: {},
    plan: [],
    usage: { reported: noTokens, reportedCostUsd: 0, counted: noTokens, credit: noTokens },
    said: '',
    report: null,
    diagnostics: '',
  };
}

/** The state with the main agent at work; the same where it is. What subagents do says nothing about it. */
export function inTurn(state: ClaudeState): ClaudeState {
  return state.isTurnOpen ? state : { ...state, isTurnOpen: true };
}
