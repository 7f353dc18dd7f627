import { z } from 'zod';

/** What is wrong with one value that came from outside, ready to be said to people. */
export interface InvalidValue {
  readonly path: readonly string[];
  /** What is there, quoted and short, or `missing`. */
  readonly found: string;
  /** What is expected instead, with the allowed values. */
  readonly expected: string;
}

/**
 * Tells what a schema found wrong with an input, value by value.
 *
 * @example
 * findInvalidValues(CreateRun, { prompt: '' })
 * // [{ path: ['prompt'], found: '""', expected: 'expected a prompt that is not blank' }]
 */
export function findInvalidValues(schema: z.ZodType, input: unknown): InvalidValue[] {
  const { error } = schema.safeParse(input);
  return (error?.issues ?? []).flatMap((issue) => {
    const message = toExpectation(issue, schema);
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({
      path: path.map((step) => shorten(String(step))),
      found: quoteValue(valueAt(input, path)),
      expected: message,
    }));
  });
}

/** A value as it may stand in a message: quoted, on one line, and short whatever its size or depth. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return shorten(JSON.stringify(value));
}

const longestQuote = 120;

function shorten(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}… (${text.length} characters)` : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    input,
  );
}

/** "Invalid input: expected string, received number" → "expected string": what was received is quoted already. */
function toExpectation(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = keysAt(schema, issue.path);
    return keys.length === 0 ? 'no keys are expected' : `expected one of ${keys.join(', ')}`;
  }
  // What is wrong with the key of a record is told one level down.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const text = message.replace(/^(?:Invalid \w+|Too \w+): /, '').replace(/, received .*$/s, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function keysAt(schema: z.core.$ZodType | undefined, [step, ...rest]: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return keysAt(schema.unwrap(), step === undefined ? [] : [step, ...rest]);
  }
  if (schema instanceof z.ZodRecord && step !== undefined) return keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return step === undefined
    ? Object.keys(schema.shape)
    : keysAt((schema.shape as Record<PropertyKey, z.core.$ZodType>)[step], rest);
}
