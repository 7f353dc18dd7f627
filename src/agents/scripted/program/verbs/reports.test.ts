import { expect, test } from 'vitest';
import { plan, rateLimit, retry, script, usage } from '../../script.ts';
import { perform } from '../rehearsal.ts';

test('plan, usage, retry and rate limit are reported with their defaults', async () => {
  const entry = { content: 'Look', priority: 'low', status: 'pending' } as const;
  const resetsAt = '2030-01-01T00:00:00.000Z';
  const { lines } = await perform(
    script(
      plan(entry),
      usage({ inputTokens: 3, costUsd: 0.5 }),
      retry('overloaded', { httpStatus: 529, delayMs: 500 }),
      rateLimit('rejected', { window: 'five_hour', resetsAt }),
    ),
  );
  expect(lines.slice(2, -1)).toEqual([
    { type: 'plan', entries: [entry] },
    {
      type: 'usage',
      inputTokens: 3,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 0.5,
      model: null,
    },
    { type: 'retry', attempt: 1, maxAttempts: null, delayMs: 500, httpStatus: 529, error: 'overloaded' },
    { type: 'rate_limit', status: 'rejected', window: 'five_hour', resetsAt },
  ]);
});

test('a reset can be given from now on', async () => {
  const before = Date.now();
  const { lines } = await perform(script(rateLimit('rejected', { resetsInMs: 60_000 })));
  const report = lines.find((line) => line.type === 'rate_limit');
  expect(Date.parse(report?.resetsAt ?? '')).toBeGreaterThanOrEqual(before + 60_000);
});
