import type { Kinds } from './vocabulary.ts';

/** Says of a value whether it is of the kind, and how the kind is called in an error. */
export const kinds: { readonly [Kind in keyof Kinds]: { readonly name: string; holds(value: unknown): boolean } } = {
  string: { name: 'a string', holds: isString },
  boolean: { name: 'true or false', holds: (value) => typeof value === 'boolean' },
  number: { name: 'a number', holds: Number.isFinite },
  count: {
    name: 'a whole number that is not negative',
    holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  json: { name: 'a JSON value', holds: () => true },
  strings: { name: 'a list of strings', holds: isListOf(isString) },
  command: {
    name: 'a list of a program and its arguments',
    holds: (value) => isListOf(isString)(value) && value.length > 0,
  },
  signal: { name: 'the name of a signal', holds: isSignal },
  signals: { name: 'a list of names of signals', holds: isListOf(isSignal) },
  stream: oneOf('stdout', 'stderr'),
  numberedAs: oneOf('messages', 'chunks'),
  outcome: oneOf('succeeded', 'failed', 'interrupted'),
  // The closed sets of the contracts stand in zod schemas, which would cost this program its quick start; its driver checks them.
  reason: { name: 'a failure reason', holds: isString },
  toolKind: { name: 'a kind of tool', holds: isString },
  planEntries: { name: 'a list of {"content", "priority", "status"}', holds: isListOf(isPlanEntry) },
  escapes: {
    name: 'a list of "setsid", "double-fork", "scrub-env", "ignore-term" and "hold-stdout"',
    holds: isListOf(oneOf('setsid', 'double-fork', 'scrub-env', 'ignore-term', 'hold-stdout').holds),
  },
};

function oneOf(...words: readonly string[]) {
  return {
    name: words.map((word) => `"${word}"`).join(' or '),
    holds: (value: unknown) => isString(value) && words.includes(value),
  };
}

function isListOf(holds: (value: unknown) => boolean) {
  return (value: unknown): value is unknown[] => Array.isArray(value) && value.every(holds);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isSignal(value: unknown): boolean {
  return isString(value) && /^SIG[A-Z0-9]+$/.test(value);
}

function isPlanEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { content, priority, status } = value as Record<string, unknown>;
  return (
    isString(content) &&
    oneOf('high', 'medium', 'low').holds(priority) &&
    oneOf('pending', 'in_progress', 'completed').holds(status)
  );
}
