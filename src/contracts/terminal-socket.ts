import { z } from 'zod';
import { FailureReason } from './failure-reason.ts';
import { Problem } from './resources.ts';
import { RunState } from './run-state.ts';

/** Where the terminal of a run is, as a route. */
export const terminalRoute = '/v1/runs/:runId/terminal';

const Lines = z.int().min(1).max(1_000);

/** How a client asks for it. */
export const TerminalQuery = z.strictObject({
  from: z.coerce
    .number()
    .int()
    .default(0)
    .describe('The offset of the first byte; negative: so many of the last. The beginning where it is absent'),
  write: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether to type at it from the beginning, where nobody else does'),
});
export type TerminalQuery = z.infer<typeof TerminalQuery>;

/** What a client may send as text. What it sends as binary is typed. */
export const TerminalClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), rows: Lines, cols: Lines }),
  /** Becomes the one who types; with `steal` also where somebody else is. */
  z.strictObject({ type: z.literal('take'), steal: z.boolean().optional() }),
  z.strictObject({ type: z.literal('release') }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type TerminalClientFrame = z.infer<typeof TerminalClientFrame>;

/** What a server sends as text; a later one may send more. What it sends as binary are the bytes of the terminal, in order. */
export const TerminalServerFrame = z.discriminatedUnion('type', [
  /** The first frame: `offset` is that of the first byte that follows, `size` how many there are by now. */
  z.object({
    type: z.literal('terminal'),
    runId: z.string(),
    offset: z.number().int(),
    size: z.number().int(),
    rows: z.number().int(),
    cols: z.number().int(),
    isWriter: z.boolean(),
  }),
  z.object({ type: z.literal('writer'), isWriter: z.boolean() }),
  z.object({ type: z.literal('resized'), rows: z.number().int(), cols: z.number().int() }),
  /** The last frame: all has been sent. How the run stands then. */
  z.object({
    type: z.literal('ended'),
    size: z.number().int(),
    state: RunState,
    reason: FailureReason.nullable(),
    message: z.string().nullable(),
  }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('error'), problem: Problem }),
]);
export type TerminalServerFrame = z.infer<typeof TerminalServerFrame>;
