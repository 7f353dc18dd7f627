import { describe, expect, it } from 'vitest';
import { FailureReason } from '../contracts/failure-reason.ts';
import { failureReasons } from './failure-reasons.ts';

describe('the failure reasons', () => {
  it('mean something, each of them', () => {
    expect(Object.keys(failureReasons).toSorted()).toEqual(FailureReason.options.toSorted());
  });

  it.each(Object.entries(failureReasons))('tell the user of "%s" what to do', (_reason, { advice }) => {
    expect(advice).toMatch(/^[A-Z].*[^.]$/);
  });

  it('are not retried where only the user can help', () => {
    const hopeless = ['auth_required', 'billing', 'invalid_request', 'session_not_found', 'permission_denied'] as const;
    for (const reason of hopeless) expect(failureReasons[reason].isRetryable).toBe(false);
  });

  it('do not use up an attempt where nothing was attempted, or only time must pass', () => {
    for (const reason of ['rate_limited', 'agent_not_found', 'workspace_failed'] as const) {
      expect(failureReasons[reason].usesAttempt).toBe(false);
    }
  });
});
