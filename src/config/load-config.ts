import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../kernel/app-error.ts';
import { Config } from './config.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { findInvalidValues } from '../kernel/invalid-value.ts';

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
 * names the file or flag, the key, the value and what is allowed.
 */
export async function loadConfig({ env, file, flags = {} }: ConfigSources): Promise<Config> {
  check(flags, 'flags');
  const expectedDataDir = flags.dataDir ?? defaultDataDirectory(env);
  const path = file ?? join(expectedDataDir, 'config.yaml');
  const settings = await readSettings(path, { isOptional: file === undefined });
  check(settings, path);
  const { dataDir = expectedDataDir } = { ...settings, ...flags };
  if (file === undefined && dataDir !== expectedDataDir) {
    // Clients look for a server in the directory that this file stands in.
    throw invalid(
      `${path}: dataDir is "${dataDir}": in a file that lies in a data directory it must be absent or name that`,
    );
  }
  return deepFreeze(Config.parse({ ...settings, ...flags, dataDir }));
}

const Settings = Config.partial();

/** Each source is checked by itself, so that a message can name it. */
function check(settings: object, source: string): void {
  const problems = findInvalidValues(Settings, settings);
  if (problems.length === 0) return;
  const sentences = problems.map(({ path, found, expected }) => `${path.join('.')} is ${found}: ${expected}`);
  throw invalid(`${source}: ${sentences.join('; ')}`);
}

async function readSettings(path: string, { isOptional }: { isOptional: boolean }): Promise<Partial<Config>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    // Whether the data directory is one is for the store to say.
    if (isOptional && (code === 'ENOENT' || code === 'ENOTDIR')) return '';
    throw invalid(`${path}: the configuration cannot be read (${code ?? message})`);
  });
  // The reader of YAML is 72 files, 20 ms of a start; without settings nobody needs it.
  if (text === '') return {};
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(`${path}: ${problem.message.split('\n', 1)[0] ?? 'not valid YAML'}`);
  const settings: unknown = document.toJS() ?? {};
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw invalid(`${path}: expected keys and values such as "port: 4870"`);
  }
  return settings;
}

function invalid(detail: string): AppError {
  return new AppError('config_invalid', detail);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
