import type { Driver, Host, Located } from '../agents/driver.ts';
import type { Config, ProfileConfig } from '../config/config.ts';
import type { Transport } from '../contracts/transport.ts';
import type { PolicyLevel } from '../domain/permissions/policy-level.ts';
import type { ClockLimits } from '../domain/run-clocks.ts';
import type { Profile } from '../contracts/resources.ts';
import { AppError } from '../kernel/app-error.ts';
import { terminalKind } from './terminal/terminal-kind.ts';

/** A configured driver, ready to start agents. */
export interface ReadyProfile {
  readonly name: string;
  readonly driver: Driver;
  readonly options: unknown;
  /** Its own policy and the server's, the nearer first. */
  readonly permissions: readonly PolicyLevel[];
  readonly permissionDeadlineMs: number;
  /** Its agent is told by its options never to ask. */
  readonly isAllowedAll: boolean;
  /** What its agent is told by its options not to ask for, in a sentence for people. */
  readonly unasked: string | null;
  readonly limits: ClockLimits;
  readonly transport: Transport;
}

export type Profiles = ReadonlyMap<string, ReadyProfile>;

/** Checks each profile against its driver; a profile that is wrong is refused at load, not when a run needs it. */
export function readProfiles(config: ProfileSettings, drivers: ReadonlyMap<string, Driver>): Profiles {
  const ready = new Map<string, ReadyProfile>();
  for (const [name, profile] of Object.entries(config.profiles)) {
    const driver = drivers.get(profile.driver);
    if (driver === undefined) {
      const known = [...drivers.keys()].join(', ');
      throw new AppError(
        'config_invalid',
        `profiles.${name}.driver is "${profile.driver}"; it must be one of: ${known}`,
      );
    }
    const options = driver.options.safeParse(profile.options);
    if (!options.success) {
      const [issue] = options.error.issues;
      const path = ['profiles', name, 'options', ...(issue?.path ?? [])].join('.');
      throw new AppError('config_invalid', `${path}: ${issue?.message ?? 'is not valid'}`);
    }
    ready.set(name, readyProfile(config, name, profile, driver, options.data));
  }
  return ready;
}

const patient = { silenceMs: null, progressMs: null };

type ProfileSettings = Pick<Config, 'profiles' | 'permissions' | 'permissionDeadlineMs' | 'limits'>;

function readyProfile(
  config: ProfileSettings,
  name: string,
  { permissions, permissionDeadlineMs, limits = {}, transport }: Omit<ProfileConfig, 'driver' | 'options'>,
  driver: Driver,
  options: unknown,
): ReadyProfile {
  const own: PolicyLevel[] = permissions === undefined ? [] : [{ level: 'profile', policy: permissions }];
  // Where a person sits at a screen, only what the profile itself says ends a run for being quiet.
  const usual = terminalKind(driver, transport) === 'screen' ? patient : config.limits;
  const { silenceMs = usual.silenceMs, progressMs = usual.progressMs, totalMs = config.limits.totalMs } = limits;
  return {
    name,
    driver,
    options,
    permissions: [...own, { level: 'server', policy: config.permissions }],
    permissionDeadlineMs: permissionDeadlineMs ?? config.permissionDeadlineMs,
    isAllowedAll: driver.isAllowedAll?.(options) ?? false,
    unasked: driver.unasked?.(options) ?? null,
    limits: { silenceMs, progressMs, totalMs },
    transport,
  };
}

/** For a process whose profile has gone or has another driver now: with its own driver's defaults, and nothing allowed. */
export function bareProfile(config: ProfileSettings, name: string, driver: Driver, transport: Transport): ReadyProfile {
  const options = driver.options.safeParse({}).data;
  return readyProfile(config, name, { permissions: 'deny', transport }, driver, options);
}

export function findProfile(profiles: Profiles, name: string): ReadyProfile {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const known = [...profiles.keys()].join(', ');
  throw new AppError('unknown_profile', `There is no profile "${name}"; choose one of: ${known}`);
}

export function locateAgent(profile: ReadyProfile, host: Host): Located {
  // Of a profile that has gone nothing is known but its driver.
  if (profile.options === undefined)
    return { path: null, problem: `The profile "${profile.name}" is no longer configured` };
  return profile.driver.locate(profile.options, host);
}

export function presentProfile(profile: ReadyProfile, host: Host): Profile {
  const located = locateAgent(profile, host);
  return {
    name: profile.name,
    driver: profile.driver.name,
    capabilities: profile.driver.capabilities,
    terminal: terminalKind(profile.driver, profile.transport),
    command: located.path,
    problem: located.path === null ? located.problem : null,
  };
}
