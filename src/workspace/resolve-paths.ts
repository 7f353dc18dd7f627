import { homedir } from 'node:os';
import { posix } from 'node:path';
import { clipUnreadable, isReadablePath } from '../domain/permissions/limits.ts';
import { walkPath } from './walk-path.ts';

export interface ResolvedPaths {
  /** Absolute and without links; more than one for a path that programs read differently. */
  readonly paths: string[];
  /** Whether these are all places that the paths may stand for. */
  readonly areComplete: boolean;
}

/**
 * Paths as an agent names them, absolute and without links, so that a rule is held against what would really be touched. Of what is not
 * there yet, the directory that would hold it counts. What is swapped later is not seen: a policy is no sandbox.
 *
 * @param home What an agent's `~` most likely means.
 */
export function resolvePaths(named: readonly string[], workspace: string, home = homedir()): ResolvedPaths {
  const resolved = named.map((path) => resolvePath(path, workspace, home));
  return {
    paths: [...new Set(resolved.flatMap(({ paths }) => paths))],
    areComplete: resolved.every(({ areComplete }) => areComplete),
  };
}

function resolvePath(path: string, workspace: string, home: string): ResolvedPaths {
  if (!isReadablePath(path)) return { paths: [clipUnreadable(path)], areComplete: false };
  const walked = absolute(path, workspace, home)
    // After a link, `..` is the parent of where it leads; but many programs take `..` out before they look.
    .flatMap((one) => [one, posix.normalize(one)])
    .map((reading) => walkPath(reading, workspace));
  return {
    paths: walked.map((reading) => reading.path),
    // Whether it is anybody's home, and whose, the program decides.
    areComplete: !path.startsWith('~') && walked.every(({ isCertain }) => isCertain),
  };
}

function absolute(path: string, workspace: string, home: string): string[] {
  if (path.startsWith('/')) return [path];
  const isInHome = path === '~' || path.startsWith('~/');
  return [...(isInHome ? [`${home}${path.slice(1)}`] : []), `${workspace}/${path}`];
}
