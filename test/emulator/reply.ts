import type { Gate } from './gate.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** What the model says, whichever API it is asked through: each API's folder puts it into that API's own shapes. */
export type Reply = MessageReply | ErrorReply;

/** The replies of a scenario: used in order, the last one repeats; or computed from the request and its number. */
export type Script = readonly Reply[] | ((request: RecordedRequest, index: number) => Reply);

export type Content = ThinkingContent | TextContent | ToolUseContent;

interface ThinkingContent {
  readonly type: 'thinking';
  readonly thinking: string;
  /** @default a fixed placeholder */
  readonly signature?: string;
  readonly chunks?: Chunks;
}

interface TextContent {
  readonly type: 'text';
  readonly text: string;
  readonly chunks?: Chunks;
}

export interface ToolUseContent {
  readonly type: 'tool_use';
  /** @default a new id, unique in this emulator */
  readonly id?: string;
  readonly name: string;
  readonly input: object;
  /** How the JSON text of the input is cut. */
  readonly chunks?: Chunks;
}

/**
 * How the text is cut into deltas: into so many pieces, or exactly these (they should join to the text).
 * @default 2
 */
export type Chunks = number | readonly string[];

export interface Usage {
  /** @default 100 */
  readonly inputTokens: number;
  /** @default 20 */
  readonly outputTokens: number;
  /** @default 0 */
  readonly cacheCreationInputTokens: number;
  /** @default 0 */
  readonly cacheReadInputTokens: number;
}

/**
 * A message and, for streams only, what goes wrong with it. `…AfterEvents: n` means: when n SSE events have been sent.
 * A request that does not stream gets the whole message as JSON: it ignores every fault but `malformed`.
 */
export interface MessageReply {
  readonly content: readonly Content[];
  readonly usage?: Partial<Usage>;
  /** In the API's own words. @default says "tool use" when the content has a tool use, else "end of turn" */
  readonly stopReason?: string;
  /** Milliseconds before the first byte of the answer. @default 0 */
  readonly delayMs?: number;
  /** Milliseconds before each event; for trying by hand, tests use gates. @default 0 */
  readonly paceMs?: number;
  /** Where streams are held; a JSON answer passes all of them before its first byte. */
  readonly gate?: GateAt | readonly GateAt[];
  /**
   * Destroys the socket in mid answer. A client may throw away what it has received but not read by then; a gate at the
   * same place, opened when the client has shown the last event, makes the cut fall where it says.
   */
  readonly cutAfterEvents?: number;
  /** Falls silent with the socket open, until the client goes or `emulator.release(scenario)`. */
  readonly stallAfterEvents?: number;
  /** Sends the API's error event in mid stream, then ends. */
  readonly errorAfterEvents?: number;
  /** What that error event says. @default overloaded, as status 529 */
  readonly streamError?: ApiError;
  /** Breaks the JSON off in the middle and ends properly. @default false */
  readonly malformed?: boolean;
}

export interface GateAt {
  /** 0: headers sent, no event yet. */
  readonly afterEvents: number;
  readonly until: Gate;
}

/** An answer with an HTTP error status instead of a message. */
interface ErrorReply {
  readonly error: ApiError;
  /** @default 0 */
  readonly delayMs?: number;
}

export interface ApiError {
  readonly status: number;
  /** @default the API's type for the status */
  readonly type?: string;
  /** @default a sentence that names the status */
  readonly message?: string;
  /** For example `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}
