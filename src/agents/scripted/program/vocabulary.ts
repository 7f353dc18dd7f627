import type { PlanEntry, ToolKind } from '../../../contracts/agent-events.ts';
import type { FailureReason } from '../../../contracts/failure-reason.ts';

/**
 * Every verb that a step may have, with its fields; `?` marks those that may be left out. The types of steps, their validation and
 * the table of the README all come from here.
 */
export const vocabulary = {
  say: { text: 'string', chunks: 'count?', delayMs: 'count?', leaveOpen: 'boolean?' },
  think: { text: 'string', chunks: 'count?', delayMs: 'count?', leaveOpen: 'boolean?' },
  numbered: { count: 'count', prefix: 'string?', as: 'numberedAs?', everyMs: 'count?', burst: 'count?' },
  print: { text: 'string?', base64: 'string?', repeat: 'count?', newline: 'boolean?', stream: 'stream?' },

  tool: {
    title: 'string',
    kind: 'toolKind?',
    input: 'json?',
    output: 'string?',
    ok: 'boolean?',
    delayMs: 'count?',
    leaveOpen: 'boolean?',
  },
  read: { path: 'string' },
  edit: { path: 'string', content: 'string?', append: 'string?' },
  run: { argv: 'command' },
  writeFile: { path: 'string', content: 'string?', append: 'string?' },

  plan: { entries: 'planEntries' },
  usage: {
    inputTokens: 'count?',
    outputTokens: 'count?',
    cacheReadTokens: 'count?',
    cacheWriteTokens: 'count?',
    costUsd: 'number?',
    model: 'string?',
  },
  retry: { error: 'string', attempt: 'count?', maxAttempts: 'count?', delayMs: 'count?', httpStatus: 'count?' },
  rateLimit: { status: 'string', window: 'string?', resetsAt: 'string?', resetsInMs: 'count?' },

  permission: { title: 'string', input: 'json?', tool: 'string?', command: 'string?', paths: 'strings?' },
  awaitSteer: { say: 'boolean?' },
  env: { name: 'string', show: 'boolean?' },
  promptDigest: {},
  readStdinRaw: { bytes: 'count' },

  sleep: { ms: 'count' },
  waitForFile: { path: 'string' },
  busy: { ms: 'count' },
  hang: {},

  ignoreSignals: { signals: 'signals' },
  escape: { how: 'escapes', count: 'count?', pidsTo: 'string' },
  kill: { signal: 'signal' },
  exit: { code: 'count' },

  end: { outcome: 'outcome?', reason: 'reason?', message: 'string?', answer: 'string?' },
  fail: { reason: 'reason', message: 'string?' },
} as const satisfies Record<string, Readonly<Record<string, FieldType>>>;

type Vocabulary = typeof vocabulary;
export type Verb = keyof Vocabulary;

/** What a field of each kind holds. */
export interface Kinds {
  string: string;
  boolean: boolean;
  number: number;
  /** A whole number, not negative. */
  count: number;
  json: unknown;
  strings: readonly string[];
  /** A program and its arguments. */
  command: readonly string[];
  signal: NodeJS.Signals;
  signals: readonly NodeJS.Signals[];
  stream: 'stdout' | 'stderr';
  numberedAs: 'messages' | 'chunks';
  outcome: 'succeeded' | 'failed' | 'interrupted';
  reason: FailureReason;
  toolKind: ToolKind;
  planEntries: readonly PlanEntry[];
  escapes: readonly Escape[];
}

/** How a descendant tries to get away from those who would end it. */
export type Escape = 'setsid' | 'double-fork' | 'scrub-env' | 'ignore-term' | 'hold-stdout';

export type FieldType = keyof Kinds | `${keyof Kinds}?`;

type KindOf<Type> = Type extends `${infer Kind extends keyof Kinds}?`
  ? Kinds[Kind]
  : Type extends keyof Kinds
    ? Kinds[Type]
    : never;
type Required<Fields> = {
  readonly [Name in keyof Fields as Fields[Name] extends `${string}?` ? never : Name]: KindOf<Fields[Name]>;
};
type Optional<Fields> = {
  readonly [Name in keyof Fields as Fields[Name] extends `${string}?` ? Name : never]?: KindOf<Fields[Name]>;
};

/** The fields of a step with this verb. */
export type FieldsOf<V extends Verb> = Required<Vocabulary[V]> & Optional<Vocabulary[V]>;

/** A small object with one verb: `{"say": {"text": "hello"}}`. */
export type Step = { [V in Verb]: { readonly [Name in V]: FieldsOf<V> } }[Verb];
