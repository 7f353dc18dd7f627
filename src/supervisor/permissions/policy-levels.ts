import type { PolicyLevel } from '../../domain/permissions/policy-level.ts';
import { isAllowAll } from '../../domain/permissions/all-allowed.ts';
import { describeRule } from '../../domain/permissions/describe-rule.ts';
import { rulesOf } from '../../domain/permissions/policy-level.ts';
import type { RunPermissions } from '../../contracts/resources.ts';
import type { RunRow, SessionRow } from '../../store/rows.ts';
import type { ReadyProfile } from '../profiles.ts';

/** The policies that hold for a run, the nearest first. */
export function policyLevels(
  profile: Pick<ReadyProfile, 'permissions'>,
  session: Pick<SessionRow, 'permissions'>,
  run: Pick<RunRow, 'permissions'> | null,
): PolicyLevel[] {
  const levels: PolicyLevel[] = [];
  if (run !== null && run.permissions !== null) levels.push({ level: 'run', policy: run.permissions });
  if (session.permissions !== null) levels.push({ level: 'session', policy: session.permissions });
  return [...levels, ...profile.permissions];
}

/** The same for people. */
export function presentPolicy(
  profile: Pick<ReadyProfile, 'permissions' | 'isAllowedAll' | 'unasked'>,
  session: Pick<SessionRow, 'permissions'>,
  run: Pick<RunRow, 'permissions'>,
  isAllowedAllNow = false,
): Omit<RunPermissions, 'pending'> {
  const levels = policyLevels(profile, session, run);
  const neverAsks = profile.isAllowedAll || isAllowedAllNow;
  return {
    isAllowAll: neverAsks || isAllowAll(levels),
    rules: [
      ...(neverAsks ? ['allow everything (the agent does not ask)'] : []),
      ...(profile.unasked === null ? [] : [profile.unasked]),
      ...levels.flatMap(({ level, policy }) => rulesOf(policy).map((rule) => `${describeRule(rule)} (${level})`)),
    ],
  };
}
