import type { PermissionRule, Policy } from '../../contracts/policy.ts';

/** A policy and whose it is. */
export interface PolicyLevel {
  readonly level: 'run' | 'session' | 'profile' | 'server';
  readonly policy: Policy;
}

/** The rules of a policy, in the order in which they are tried; an action alone is a rule without conditions. */
export function rulesOf(policy: Policy): readonly PermissionRule[] {
  return typeof policy === 'string' ? [{ action: policy }] : policy;
}
