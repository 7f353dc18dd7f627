import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type PinnedAgent, type PinnedAgentName, pinnedAgents } from './pinned.ts';

const run = promisify(execFile);

/**
 * The absolute path of a pinned agent's executable in the cache.
 * @throws when `node test/agents/install.ts` has not put it there.
 */
export function installedAgent(name: PinnedAgentName): string {
  const path = executable(name, home(name));
  if (!existsSync(path)) {
    throw new Error(`"${name}" is not installed at "${path}": run \`node test/agents/install.ts\` first`);
  }
  return path;
}

if (import.meta.main) {
  for (const name of Object.keys(pinnedAgents) as PinnedAgentName[]) {
    try {
      await install(name);
    } catch (error) {
      // A missing agent is a failure and never a skip: tests that quietly do not run prove nothing.
      console.error(`Cannot install "${name}": ${described(error)}`);
      process.exitCode = 1;
    }
  }
}

async function install(name: PinnedAgentName): Promise<void> {
  const { version } = pinnedAgents[name];
  const folder = home(name);
  if (existsSync(folder)) {
    if ((await versionOf(executable(name, folder)).catch(() => '')) === version) {
      console.log(`${name} ${version} is at ${executable(name, folder)}`);
      return;
    }
    console.log(`${name}: "${folder}" does not run as ${version}, installing again`);
  }
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), '.installing-'));
  try {
    await npmInstall(`${packageOf(name)}@${version}`, temporary);
    const found = await versionOf(executable(name, temporary));
    if (found !== version) throw new Error(`the package runs as version "${found}", not as the pinned "${version}"`);
    await moveIntoPlace(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  console.log(`${name} ${version} installed at ${executable(name, folder)}`);
}

/** The folder appears whole or not at all; whatever broken thing stood there is moved out of the way first. */
async function moveIntoPlace(temporary: string, folder: string): Promise<void> {
  const discarded = `${temporary}-replaced`;
  if (existsSync(folder)) await rename(folder, discarded);
  await rename(temporary, folder);
  await rm(discarded, { recursive: true, force: true });
}

async function npmInstall(spec: string, prefix: string): Promise<void> {
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', spec];
  await run('npm', args, { cwd: prefix, env: npmEnvironment(), timeout: 15 * 60_000 });
}

/** What an npm client inside an npm script may inherit: where the packages come from, not the outer run's project. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|proxy|https_proxy|noproxy)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(npm_|INIT_CWD$)/i.test(key) || kept.test(key)),
  );
}

/** `claude --version` prints `2.1.197 (Claude Code)`. A fresh HOME keeps the machine's own settings out of it. */
async function versionOf(path: string): Promise<string> {
  const HOME = await mkdtemp(join(tmpdir(), 'drover-agent-home-'));
  try {
    const { stdout } = await run(path, ['--version'], {
      env: { PATH: process.env['PATH'], HOME },
      timeout: 60_000,
    });
    return /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? stdout.trim();
  } finally {
    await rm(HOME, { recursive: true, force: true });
  }
}

function home(name: PinnedAgentName): string {
  return join(cache(), `${packageOf(name)}@${pinnedAgents[name].version}`);
}

function executable(name: PinnedAgentName, folder: string): string {
  return join(folder, 'node_modules', packageOf(name), pinnedAgents[name].binary);
}

function packageOf(name: PinnedAgentName): string {
  const { packages }: PinnedAgent = pinnedAgents[name];
  const platform = `${process.platform}-${process.arch}`;
  const found = packages[platform];
  if (found === undefined) {
    throw new Error(`no package is pinned for "${platform}", only for ${Object.keys(packages).join(', ')}`);
  }
  return found;
}

function cache(): string {
  const own = process.env['DROVER_AGENTS_CACHE'];
  if (own) return resolve(own);
  const xdg = process.env['XDG_CACHE_HOME'];
  return resolve(xdg ? xdg : join(homedir(), '.cache'), 'drover', 'agents');
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return stderr === '' ? error.message : `${error.message.split('\n', 1).join('')}\n${stderr}`;
}
