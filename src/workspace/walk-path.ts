import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';

export interface Walked {
  /** Absolute, without links and dots. */
  readonly path: string;
  /** Whether an agent's process is certain to get there as well. */
  readonly isCertain: boolean;
}

/** Links lead on at most so often, as in the kernel. */
const maxLinks = 40;

/** More than the longest path and its workspace have names. */
const maxLookups = 5000;

/**
 * Where an absolute path leads, name by name as the kernel goes: `..` is the parent of where a link has led. Names that are not there are
 * kept, for a writer would make them.
 *
 * @param workspace Where the agent's process works: `/proc/self/cwd` for it.
 */
export function walkPath(path: string, workspace: string): Walked {
  const ahead = namesFromLast(path);
  let at = '/';
  let isCertain = true;
  let links = 0;
  let lookups = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === '..') {
      at = posix.dirname(at);
      continue;
    }
    const next = posix.join(at, name);
    lookups += 1;
    const target = links < maxLinks && lookups < maxLookups ? targetOf(next, workspace) : undefined;
    if (target === undefined || (ofProcess.test(next) && !ownDirectory.test(next))) isCertain = false;
    if (typeof target === 'string') {
      links += 1;
      if (target.startsWith('/')) at = '/';
      ahead.push(...namesFromLast(target));
    } else {
      at = next;
    }
  }
  return { path: at, isCertain };
}

/** What the kernel makes up for each process: its links are not what they seem. */
const ofProcess = /^\/(?:proc\/(?:self|thread-self|\d+)|dev\/fd)\//;

/** Links that mean the agent where it follows them, and the server here. */
const ofOwnProcess = /^\/proc\/(?:self|thread-self)(?:\/|$)/;
const ownDirectory = /^\/proc\/(?:self|thread-self)\/cwd$/;

/** Where a link leads; null where there is none, undefined where that cannot be found out. */
function targetOf(path: string, workspace: string): string | null | undefined {
  if (ofOwnProcess.test(path)) {
    if (path.endsWith('/cwd')) return workspace;
    return path.endsWith('/root') ? '/' : null;
  }
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : null;
  } catch {
    return undefined;
  }
}

function namesFromLast(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}
