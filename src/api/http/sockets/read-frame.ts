import type { z } from 'zod';
import { findInvalidValues } from '../../../kernel/invalid-value.ts';

/** What a client sent, or why it is none of the protocol: inert, and short enough for a close frame. */
export type ReadFrame<Frame> = { readonly frame: Frame } | { readonly breach: string };

export function readFrame<Frame>(schema: z.ZodType<Frame>, data: Buffer): ReadFrame<Frame> {
  const value = parse(data.toString());
  if (value === undefined) return { breach: 'The frame is not valid JSON' };
  const { data: frame } = schema.safeParse(value);
  if (frame !== undefined) return { frame };
  const [wrong] = findInvalidValues(schema, value);
  // The value itself is not quoted: it may be a token.
  const breach = [wrong?.path.join('.'), wrong?.expected]
    .filter((part) => part !== undefined && part !== '')
    .join(': ');
  return { breach: toReason(breach) };
}

/** As RFC 6455 §5.5.1 has it, 123 bytes at most; of visible ASCII, so that it does nothing to a terminal and each is a byte. */
export function toReason(text: string): string {
  const visible = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return visible.length <= maxReason ? visible : `${visible.slice(0, maxReason - 3)}...`;
}

const maxReason = 123;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
