import type { Perform } from './performers.ts';
import { emit } from '../output.ts';

export const plan: Perform<'plan'> = ({ entries }) => emit({ type: 'plan', entries: [...entries] });

export const usage: Perform<'usage'> = (fields) => {
  const nothing = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0, model: null };
  emit({ type: 'usage', ...nothing, ...fields });
};

/** Only says that it tries again; put a `sleep` behind it for the waiting. */
export const retry: Perform<'retry'> = (fields) => {
  emit({ type: 'retry', attempt: 1, maxAttempts: null, delayMs: 0, httpStatus: null, ...fields });
};

export const rateLimit: Perform<'rateLimit'> = ({ status, window = null, resetsAt = null, resetsInMs }) => {
  const reset = resetsInMs === undefined ? resetsAt : new Date(Date.now() + resetsInMs).toISOString();
  emit({ type: 'rate_limit', status, window, resetsAt: reset });
};
