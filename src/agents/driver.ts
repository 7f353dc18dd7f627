import type { z } from 'zod';
import type { NewEvent } from '../contracts/events.ts';
import type { AnswerSource } from '../contracts/drover-events.ts';
import type { PermissionDecision } from '../contracts/permission.ts';
import type { FailureReason } from '../contracts/failure-reason.ts';
import type { Outcome } from '../contracts/run-state.ts';
import type { Capabilities } from '../contracts/resources.ts';
import type { Transport } from '../contracts/transport.ts';

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
  /**
   * What its agent has a terminal for, where it is given one (`transport: pty`). `lines`: only its stdout is one, and it prints the lines
   * of its protocol on it as on a pipe. `screen`: stdin, stdout and stderr are one, as a person's; what is printed is for eyes, and only
   * byte ranges of it become events. @default lines
   */
  readonly terminal?: 'lines' | 'screen';

  /** Finds the agent's program. Absolute paths only: nothing in a workspace may stand in for it. */
  locate(options: Options, host: Host): Located;
  command(spec: LaunchSpec<Options>): Launch;
  /** What is written to the agent before its first prompt. */
  opening(): readonly StdinMessage[];
  /** The message that opens a turn; null where the agent is not told. Prompts go through stdin, never through argv. */
  prompt(turn: Turn, agent: Pick<LaunchSpec<Options>, 'options' | 'transport'>): StdinMessage | null;
  /**
   * How to ask the agent to end this turn and stay usable; asked at most once a turn. Without it, or where nothing comes of it, the agent
   * gets a SIGINT.
   */
  interrupt?(turn: Pick<Turn, 'key'>): StdinMessage;
  /** Says something into the running turn; `key` is new with every prompt. There where `capabilities.steer` is. */
  steer?(turn: Pick<Turn, 'key'>, said: Turn): StdinMessage;
  /** The answer to a question of the agent. There where `capabilities.permissions` is. */
  answer?(question: Question, answer: Answer): StdinMessage;
  /** Whether the agent is told by its options never to ask. @default false */
  isAllowedAll?(options: Options): boolean;
  /** What the agent never asks about, by its options: a sentence for people, null where they say nothing of it. @default null */
  unasked?(options: Options): string | null;
  /** Whether the agent says by now that it never asks: settings that are none of ours can make it so. @default false */
  isAllowedAllNow?(state: State): boolean;

  /**
   * `nativeSessionId` is the agent's own session that the process was told to reopen: only the launch knows. `processId` is like no other,
   * for an agent that has no names for what it says. @default null, and an empty one
   */
  initialState(nativeSessionId?: string | null, processId?: string): State;
  /** Pure. May return the same state where nothing changed. */
  translate(state: State, line: Line): Translation<State>;
  /** Pure. What to make of a process that has gone while its turn was open; `exit` is evidence, never proof of success. */
  conclude(state: State, exit: ExitEvidence): LastWords;
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
  readonly transport: Transport;
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
  /** The agent waits for a decision; its event has the same `permissionId`. */
  | ({ readonly type: 'permission_requested' } & Question & PermissionFacts)
  /** The agent takes its question back; its event has the same `permissionId`. */
  | { readonly type: 'permission_withdrawn'; readonly permissionId: string }
  /** The agent waits for something that only the driver knows an answer to. */
  | { readonly type: 'reply'; readonly message: StdinMessage };

/** What the agent wants to be told; kept until it is, also over restarts. */
export interface Question {
  /** What the agent calls it; unique within the process. */
  readonly permissionId: string;
  /** What the tool is to be run with. */
  readonly rawInput: unknown;
}

export interface Answer {
  readonly decision: PermissionDecision;
  /** With `allow`: what the tool is to be run with instead. */
  readonly updatedInput?: Readonly<Record<string, unknown>> | undefined;
  /** With `deny`: why, for the agent. */
  readonly message?: string | undefined;
}

/** What a policy goes by. */
export interface PermissionFacts {
  readonly tool: string;
  /** The shell command, where the tool runs one. */
  readonly command: string | null;
  /** What the tool would touch, as the agent names it: absolute, relative to the workspace, or from `~`. */
  readonly paths: readonly string[];
  /**
   * Whether `command` and `paths` say all that the tool would do. False where it may touch what its driver cannot name, or would run
   * the command in another way than usual: then no rule goes by them to allow it.
   */
  readonly isFullyKnown: boolean;
  /** The tool goes through all that is below its paths. @default false */
  readonly isSearch?: boolean;
}

export interface Conclusion {
  readonly outcome: Exclude<Outcome, 'canceled'>;
  readonly reason: FailureReason | null;
  /** For people: what happened and what to do. */
  readonly message: string | null;
  readonly answer: string;
  readonly answerSource: AnswerSource;
}

export interface LastWords extends Conclusion {
  /** What the agent had begun to say. */
  readonly events?: readonly NewEvent[];
}

export interface ExitEvidence {
  readonly code: number | null;
  readonly signal: string | null;
}
