import type { Driver, Host, Located } from '../agents/driver.ts';
import type { Config, ProfileConfig } from '../config/config.ts';
import type { Profile } from '../contracts/resources.ts';
import { AppError } from '../kernel/app-error.ts';

/** A configured driver, ready to start agents. */
export interface ReadyProfile {
  readonly name: string;
  readonly driver: Driver;
  readonly options: unknown;
  readonly permissions: ProfileConfig['permissions'];
}

export type Profiles = ReadonlyMap<string, ReadyProfile>;

/** Checks each profile against its driver; a profile that is wrong is refused at load, not when a run needs it. */
export function readProfiles(config: Pick<Config, 'profiles'>, drivers: ReadonlyMap<string, Driver>): Profiles {
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
    ready.set(name, { name, driver, options: options.data, permissions: profile.permissions });
  }
  return ready;
}

export function findProfile(profiles: Profiles, name: string): ReadyProfile {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const known = [...profiles.keys()].join(', ');
  throw new AppError('unknown_profile', `There is no profile "${name}"; choose one of: ${known}`);
}

export function locateAgent(profile: ReadyProfile, host: Host): Located {
  return profile.driver.locate(profile.options, host);
}

export function presentProfile(profile: ReadyProfile, host: Host): Profile {
  const located = locateAgent(profile, host);
  return {
    name: profile.name,
    driver: profile.driver.name,
    capabilities: profile.driver.capabilities,
    command: located.path,
    problem: located.path === null ? located.problem : null,
  };
}
