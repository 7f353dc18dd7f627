import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { RetryableStoreError } from '../store/retryable-store-error.ts';

const firstDelayMs = 50;
const maxDelayMs = 1_000;

export interface Patience {
  readonly clock: Clock;
  /** Absent: what waits is one of many, and another speaks for them. */
  readonly logger?: Logger;
  readonly signal: AbortSignal;
}

/**
 * Asks the store again and again while it cannot answer just now, after 50 ms, 100 ms … 1 s; says so once, and once when it is over.
 * When the signal aborts, asks a last time and throws what that throws.
 */
export async function whenStoreAnswers<Result>(
  ask: () => Promise<Result>,
  { clock, logger, signal }: Patience,
): Promise<Result> {
  let isWaiting = false;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    const isLastTry = signal.aborted;
    try {
      const result = await ask();
      if (isWaiting) logger?.info('The store answers again');
      return result;
    } catch (error) {
      if (isLastTry || !(error instanceof RetryableStoreError)) throw error;
      if (!isWaiting) logger?.warn({ err: error }, 'The store cannot be used just now; trying again until it can');
      isWaiting = true;
    }
    await clock.sleep(delayMs, signal);
  }
}
