import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What is measured. */
export interface Artefact extends AsyncDisposable {
  /** `bin/drover.js` */
  readonly launcher: string;
  /** Of the production install; null for a checkout. */
  readonly nodeModules: string | null;
}

export function checkout(): Artefact {
  return { launcher: join(repository, 'bin', 'drover.js'), nodeModules: null, [Symbol.asyncDispose]: async () => {} };
}

/** Builds, packs and installs the package as its users would; the packing builds. The signal ends it, with nothing left behind. */
export async function installed(signal?: AbortSignal): Promise<Artefact> {
  const prefix = await mkdtemp(join(tmpdir(), 'drover-bench-install-'));
  const remove = () => rm(prefix, { recursive: true, force: true });
  try {
    await npm(['pack', '--pack-destination', prefix], { cwd: repository, signal });
    const tarball = (await readdir(prefix)).find((name) => name.endsWith('.tgz'));
    if (tarball === undefined) throw new Error('npm pack made no package');
    const flags = ['--prefix', prefix, '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'];
    await npm(['install', ...flags, join(prefix, tarball)], { cwd: prefix, signal });
  } catch (error) {
    await remove();
    throw error;
  }
  const nodeModules = join(prefix, 'node_modules');
  return { launcher: join(nodeModules, 'drover', 'bin', 'drover.js'), nodeModules, [Symbol.asyncDispose]: remove };
}

/** Without the settings of the npm that runs us, which would make it work on our own project. */
async function npm(args: readonly string[], options: NpmOptions): Promise<void> {
  const kept = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|proxy|https_proxy|noproxy)$/i;
  const env = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name) || kept.test(name));
  await run('npm', [...args], { ...options, env: Object.fromEntries(env), timeout: 5 * 60_000 });
}

interface NpmOptions {
  readonly cwd: string;
  readonly signal: AbortSignal | undefined;
}
