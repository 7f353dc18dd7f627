import type { Perform } from './performers.ts';

/** Steps behind it still play: an agent that goes on, hangs or dies after its result. */
export const end: Perform<'end'> = (fields, stage) => stage.end(fields);

export const fail: Perform<'fail'> = (fields, stage) => stage.end({ outcome: 'failed', ...fields });

/** At once, in the middle of the turn where `end` does not stand before it. */
export const exit: Perform<'exit'> = ({ code }) => process.exit(code);
