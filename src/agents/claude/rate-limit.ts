import { reading, understood } from './translation.ts';
import { RateLimitLine } from './wire.ts';

/** Comes only where the agent is logged in with a subscription, before or after the answer it speaks of. */
export const rateLimit = reading(RateLimitLine, (state, { rate_limit_info: info }) => {
  const resetsAt = timestamp(info.resetsAt);
  return understood(state, [
    { type: 'rate_limit.reported', data: { status: info.status, window: info.rateLimitType ?? null, resetsAt } },
  ]);
});

/** Null also for a moment that no date can name: a wrong number must not break the log. */
function timestamp(epochSeconds: number | null | undefined): string | null {
  if (epochSeconds === null || epochSeconds === undefined) return null;
  const moment = new Date(epochSeconds * 1000);
  return Number.isNaN(moment.getTime()) || moment.getUTCFullYear() > 9999 ? null : moment.toISOString();
}
