import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '../kernel/app-error.ts';
import { isSystemError } from './system-error.ts';

export interface HolderBinaryOptions {
  /** @default "$XDG_CACHE_HOME/drover", else "~/.cache/drover" */
  readonly cacheDir?: string;
  /** Read for `DROVER_HOLDER` (a binary that is used as it is), `CC` and the cache directory. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/** Two levels below the package root, both as src/holder and as dist/holder. The compiler is given one file, which includes the others. */
const folder = fileURLToPath(new URL('../../holder/', import.meta.url));
export const holderSource = join(folder, 'holder.c');
const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** Path of the holder's binary, compiled at first use. Whoever comes at the same time compiles too, and the same file wins. */
export async function holderBinary(options: HolderBinaryOptions = {}): Promise<string> {
  const { env = process.env } = options;
  const { cacheDir = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover') } = options;
  const given = env['DROVER_HOLDER'];
  if (given !== undefined && given !== '') return await requireExecutable(given);

  const binary = join(cacheDir, `holder-${await holderKey(flags)}`);
  if (await isExecutable(binary)) return binary;

  await mkdir(cacheDir, { recursive: true });
  const workplace = await mkdtemp(`${binary}.`);
  try {
    const built = join(workplace, 'holder');
    await compile(env['CC'] ?? 'cc', built);
    await rename(built, binary);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
  return binary;
}

/** Names what a compiler makes of all the files in the holder's folder with these flags. */
export async function holderKey(flags: readonly string[], from = folder): Promise<string> {
  const hash = createHash('sha256').update([...flags, process.arch].join(' '));
  const names = await readdir(from);
  for (const name of names.filter((name) => name.endsWith('.c')).sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(from, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Static where the machine has a static C library: smaller in memory, faster to start. */
async function compile(compiler: string, target: string): Promise<void> {
  const run = (...extra: string[]) => promisify(execFile)(compiler, [...flags, ...extra, '-o', target, holderSource]);
  try {
    await run('-static').catch((error: unknown) => (isSystemError(error, 'ENOENT') ? Promise.reject(error) : run()));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) {
      const wayOut = 'install one (such as "apt-get install gcc libc6-dev"), or name a built holder in DROVER_HOLDER';
      throw new AppError(
        'compiler_missing',
        `No C compiler "${compiler}" is there to build the holder with; ${wayOut}`,
      );
    }
    const said = error instanceof Error ? error.message.slice(0, 2_000) : String(error);
    throw new AppError('compiler_missing', `The C compiler "${compiler}" could not build "${holderSource}": ${said}`);
  }
}

async function requireExecutable(path: string): Promise<string> {
  if (await isExecutable(path)) return path;
  throw new AppError(
    'compiler_missing',
    `DROVER_HOLDER names "${path}", which is not there or not executable; correct or unset it`,
  );
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
