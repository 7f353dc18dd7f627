import { join } from 'node:path';
import { AppError } from '../kernel/app-error.ts';
import { Config } from './config.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { findInvalidValues } from '../kernel/invalid-value.ts';
import { readSettings } from './read-settings.ts';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A YAML file that must be there. @default `<dataDir>/config.yaml`, where it exists */
  readonly file?: string;
  /** What was said on the command line; it wins over the file. */
  readonly flags?: ConfigFlags;
}

export type ConfigFlags = Readonly<Partial<Pick<Config, 'dataDir' | 'host' | 'port' | 'logLevel'>>>;

/**
 * The configuration of a server: defaults, then the file, then the flags; deep-frozen. Throws AppError `config_invalid`, which
 * names the flag or the file and its line, the key, the value and what is allowed.
 */
export async function loadConfig({ env, file, flags = {} }: ConfigSources): Promise<Config> {
  check(flags, () => 'flags');
  const expectedDataDir = flags.dataDir ?? defaultDataDirectory(env);
  const path = file ?? join(expectedDataDir, 'config.yaml');
  const { settings, placeOf } = await readSettings(path, { isOptional: file === undefined });
  check(settings, placeOf);
  const { dataDir = expectedDataDir } = { ...settings, ...flags };
  if (file === undefined && dataDir !== expectedDataDir) {
    // Clients look for a server in the directory that this file stands in.
    throw new AppError(
      'config_invalid',
      `${placeOf(['dataDir'])}: dataDir is "${dataDir}": in a file that lies in a data directory it must be absent or name that`,
    );
  }
  return deepFreeze(Config.parse({ ...settings, ...flags, dataDir }));
}

const Settings = Config.partial();

/** Each source is checked by itself, so that a message can name it. */
function check(settings: object, placeOf: (path: readonly string[]) => string): void {
  const problems = findInvalidValues(Settings, settings);
  if (problems.length === 0) return;
  const sentences = problems.map(
    ({ path, found, expected }) => `${placeOf(path)}: ${path.join('.')} is ${found}: ${expected}`,
  );
  throw new AppError('config_invalid', sentences.join('; '));
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
