import { posix } from 'node:path';
import { anyRun, matchesSequence } from './match-sequence.ts';
import { escapableInPaths, escapeWildcards, matchesWildcards, parseWildcards, type Wildcards } from './wildcards.ts';

/**
 * Whether a glob fits a path. `*` stands for any run of characters within one name, `**` for any number of directories, also none:
 * `src/**` is `src` and all that is in it. Names that begin with a dot are names like all others.
 *
 * Not `path.matchesGlob`: it leaves out names with a dot (so that a rule for all files would miss `.env`), knows no escapes, and takes
 * exponential time for some patterns.
 *
 * @param pattern As the contract admits it: absolute, or relative to the workspace.
 * @param path Absolute, or relative to the workspace.
 */
export function matchesPath(pattern: string, path: string, workspace: string): boolean {
  const names = namesOf(posix.resolve(workspace, path));
  return matchesSequence<Wildcards, string>(parseGlob(pattern, workspace), names, { fits: matchesWildcards });
}

/** Whether a glob can fit something that lies below a directory. */
export function matchesBelow(pattern: string, directory: string, workspace: string): boolean {
  const glob = parseGlob(pattern, workspace);
  const names = namesOf(posix.resolve(workspace, directory));
  const anyDepth = glob.indexOf(anyRun);
  // Whatever comes after the first `**` may lie at any depth.
  const fixed = (anyDepth === -1 ? glob : glob.slice(0, anyDepth)) as readonly Wildcards[];
  const reachesBelow = anyDepth !== -1 || names.length < glob.length;
  return reachesBelow && fixed.slice(0, names.length).every((name, at) => matchesWildcards(name, names[at] ?? ''));
}

function parseGlob(pattern: string, workspace: string): (Wildcards | typeof anyRun)[] {
  // The workspace is a place, whatever characters its name has.
  const absolute = pattern.startsWith('/') ? pattern : `${escapeWildcards(workspace, escapableInPaths)}/${pattern}`;
  return namesOf(absolute)
    .filter((name) => name !== '.')
    .map((name) => (name === '**' ? anyRun : parseWildcards(name, escapableInPaths)));
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
