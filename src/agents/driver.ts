import type { z } from 'zod';
import type { NewEvent } from '../contracts/events.ts';
import type { AnswerSource } from '../contracts/drover-events.ts';
import type { FailureReason } from '../contracts/failure-reason.ts';
import type { Outcome } from '../contracts/run-state.ts';
import type { Capabilities } from '../contracts/resources.ts';

/**
 * The port to one kind of agent. A driver says how to start its agent and what to write to it, and translates what the agent
 * prints; it starts nothing, reads nothing and keeps nothing between calls. All that it must remember is `State`: a small
 * JSON value that is committed with the log offset it belongs to, so that a translation survives the death of the server.
 */
export interface Driver<State = unknown, Options = unknown> {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** The part of a profile's configuration that is this driver's own; unknown keys are refused. */
  readonly options: z.ZodType<Options>;
  /** Rises with every change of `State` that an older translator could not read. */
  readonly stateVersion: number;

  /** Finds the agent's program. Absolute paths only: nothing in a workspace may stand in for it. */
  locate(options: Options, host: Host): Located;
  command(spec: LaunchSpec<Options>): Launch;
  /** What is written to the agent before its first prompt. */
  opening(): readonly StdinMessage[];
  /** The message that opens a turn. Prompts go through stdin, never through argv. */
  prompt(turn: Turn): StdinMessage;
  /** How to ask the agent to end this turn and stay usable; asked at most once a turn. */
  interrupt(turn: Pick<Turn, 'key'>): StdinMessage;

  /** `nativeSessionId` is the agent's own session that the process was told to reopen: only the launch knows. @default null */
  initialState(nativeSessionId?: string | null): State;
  /** Pure. May return the same state where nothing changed. */
  translate(state: State, line: Line): Translation<State>;
  /** Pure. What to make of a process that has gone while its turn was open; `exit` is evidence, never proof of success. */
  conclude(state: State, exit: ExitEvidence): Conclusion;
  /**
   * Whether the agent is in the middle of a turn, as far as its own lines say: for the replay of a recording, where nobody else knows.
   * @default a turn is open until its `turn_ended`
   */
  isTurnOpen?(state: State): boolean;
}

/** The machine as a driver may see it: the server's own environment, from which a driver takes what its agent needs. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Located = { readonly path: string } | { readonly path: null; readonly problem: string };

export interface LaunchSpec<Options> {
  readonly options: Options;
  readonly host: Host;
  /** Absolute path of the program, as located. */
  readonly program: string;
  /** The agent's own session to reopen, where there is one. */
  readonly nativeSessionId: string | null;
}

export interface Launch {
  /** The absolute path of the program, then its arguments; no secret, no prompt. */
  readonly argv: readonly [string, ...string[]];
  /** The agent's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: 'none' | 'oneshot' | 'stream';
}

/** Bytes for the agent's stdin, written once per process and key, however often the server dies in between. */
export interface StdinMessage {
  readonly key: string;
  readonly text: string;
}

export interface Turn {
  /** Unique within the process. */
  readonly key: string;
  readonly prompt: string;
}

export interface Line {
  readonly stream: 'stdout' | 'stderr';
  /** Without its line end; invalid UTF-8 replaced. */
  readonly text: string;
}

export interface Translation<State> {
  readonly state: State;
  readonly events: readonly NewEvent[];
  readonly intents: readonly Intent[];
  /** False where the driver does not understand the line; the caller then records it as `agent.output`. */
  readonly isRecognised: boolean;
}

/** What a line means for the supervisor, beside the events it makes. */
export type Intent =
  | ({ readonly type: 'turn_ended' } & Conclusion)
  | { readonly type: 'native_session_opened'; readonly nativeSessionId: string }
  /** The agent waits for a decision; `answers` are ready to be written to its stdin. */
  | {
      readonly type: 'permission_requested';
      readonly permissionId: string;
      readonly answers: Readonly<Record<'allow' | 'deny', string>>;
    };

export interface Conclusion {
  readonly outcome: Exclude<Outcome, 'canceled'>;
  readonly reason: FailureReason | null;
  /** For people: what happened and what to do. */
  readonly message: string | null;
  readonly answer: string;
  readonly answerSource: AnswerSource;
}

export interface ExitEvidence {
  readonly code: number | null;
  readonly signal: string | null;
}
