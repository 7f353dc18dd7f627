import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Launch, LaunchSpec } from '../../agents/driver.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { RunRow, SessionRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';
import type { Profiles, ReadyProfile } from '../profiles.ts';
import { locateAgent } from '../profiles.ts';

/** How the agent of a session is started now. */
export interface PreparedLaunch {
  readonly profile: ReadyProfile;
  readonly launch: Launch;
  /** Equal for processes that were started in the same way, so that one can do for the other. */
  readonly launchKey: string;
}

export interface RefusedLaunch {
  /** For people: why it cannot be started. */
  readonly refusal: string;
}

/** All that can be refused is refused here, before anything is promised. */
export function prepareLaunch(
  parts: Pick<Parts, 'host'>,
  profiles: Profiles,
  session: SessionRow,
  run: Pick<RunRow, 'permissions'> | null,
): PreparedLaunch | RefusedLaunch {
  const profile = profiles.get(session.profile);
  if (profile === undefined) return { refusal: `The profile "${session.profile}" is no longer configured` };
  const located = locateAgent(profile, parts.host);
  if (located.path === null) return { refusal: located.problem };
  const launch = launchOf(parts, profile, session, located.path);
  return { profile, launch, launchKey: keyOf(parts, profile, located.path, run?.permissions ?? null) };
}

/** How the profile's agent is started for a session; the same again after a restart. */
export function launchOf(
  parts: Pick<Parts, 'host'>,
  profile: Pick<ReadyProfile, 'driver' | 'options' | 'transport'>,
  session: Pick<SessionRow, 'nativeSessionId'>,
  program: string,
): Launch {
  const { nativeSessionId } = session;
  const { options, transport } = profile;
  const spec: LaunchSpec<unknown> = { options, host: parts.host, program, nativeSessionId, transport };
  return profile.driver.command(spec);
}

/**
 * The program and which release of it, its arguments and its environment. Not which native session it reopens: a process that is in one
 * already need not. But the policy of its run: what a run that may do little left at work in its process must not ask under the policy of
 * one that may do more.
 */
function keyOf(parts: Pick<Parts, 'host'>, profile: ReadyProfile, program: string, permissions: Policy | null): string {
  const launch = launchOf(parts, profile, { nativeSessionId: null }, program);
  const stats = statSync(program, { throwIfNoEntry: false });
  const release = stats === undefined ? null : [stats.ino, stats.size, stats.mtimeMs];
  return createHash('sha256')
    .update(JSON.stringify([profile.driver.name, profile.transport, launch, release, permissions]))
    .digest('hex');
}
