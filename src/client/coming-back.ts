import { ProblemError } from './problem-error.ts';

/** A server that is away, or on its way out or in, may come back; one that refuses, or talks nonsense, will do so again. */
export function isPassing(error: unknown): boolean {
  return error instanceof ProblemError ? error.status >= 500 : !(error instanceof SyntaxError);
}

/** How long to wait after so many failures in a row: longer and longer, up to 5 s. */
export function backOffMs(failures: number): number {
  return Math.min(250 * 2 ** failures, 5_000);
}

/** How often in a row to come back: half a minute. */
export const usualRetries = 10;
