import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateProgram } from '../../agents/locate-program.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { Io } from '../io.ts';

/** A git repository that an agent may do with what it likes. */
export interface ScratchRepository {
  readonly path: string;
  /** What has changed since the repository was made, new files included, as `git diff` shows it. */
  readonly diff: () => Promise<string>;
}

/**
 * Makes a repository with one commit in a new directory below `place`. Nothing of the user's configuration takes part. The diff is
 * taken with a copy of the repository's own data from before: what an agent writes into its `.git` (hooks, filters, fsmonitor) is
 * never carried out.
 */
export async function createScratchRepository(place: string, env: Io['env']): Promise<ScratchRepository> {
  const located = locateProgram('git', env);
  if (located.path === null) throw new AppError('workspace_refused', `The demonstration needs git. ${located.problem}`);
  const program = located.path;
  const path = join(place, 'scratch');
  const gitDir = join(place, 'scratch-before.git');
  await mkdir(path);
  await writeFile(join(path, 'README.md'), '# A scratch repository\n\nMade by `drover try`, gone when it ends.\n');

  const git = async (...args: string[]) =>
    (
      await promisify(execFile)(program, [...harmless, ...args], {
        cwd: path,
        env: environment(place),
        maxBuffer: 64 * 1024 ** 2,
      })
    ).stdout;
  await git('init', '--quiet', '--template=', '--initial-branch=main');
  await git('add', 'README.md');
  await git('commit', '--quiet', '--message=Begin');
  await cp(join(path, '.git'), gitDir, { recursive: true });
  const before = [`--git-dir=${gitDir}`, `--work-tree=${path}`];
  return {
    path,
    async diff() {
      await git(...before, 'add', '--intent-to-add', '.');
      return git(...before, 'diff', '--no-color', '--no-ext-diff', '--no-textconv', 'HEAD');
    },
  };
}

const harmless = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'commit.gpgSign=false'];

function environment(home: string): Record<string, string> {
  const name = { GIT_AUTHOR_NAME: 'Drover', GIT_COMMITTER_NAME: 'Drover' };
  const email = { GIT_AUTHOR_EMAIL: 'drover@localhost', GIT_COMMITTER_EMAIL: 'drover@localhost' };
  return { ...name, ...email, HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' };
}
