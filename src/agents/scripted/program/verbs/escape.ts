import type { Perform } from './performers.ts';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pause } from '../interruptible.ts';

/** Whatever goes wrong with a test, its descendants are gone after this time. */
const lifeSeconds = 600;

/** Starts descendants that try to outlive the agent; ends when each has written its pid as a line of `pidsTo`. */
export const escape: Perform<'escape'> = async ({ how, count = 1, pidsTo }, { signal }) => {
  const before = countLines(pidsTo);
  // What a process ignores, it still ignores after exec.
  const ignore = how.includes('ignore-term') ? "trap '' TERM INT HUP;" : '';
  const descendant = ['/bin/sh', '-c', `${ignore} echo $$ >> "$1"; exec sleep ${lifeSeconds}`, 'sh', pidsTo];
  // The shell between the two is gone at once, so that the descendant's parent is whoever reaps orphans.
  const argv = how.includes('double-fork') ? ['/bin/sh', '-c', '"$@" &', 'sh', ...descendant] : descendant;
  for (let started = 0; started < count; started++) {
    const child = spawn('/bin/sh', argv.slice(1), {
      detached: how.includes('setsid'),
      stdio: ['ignore', how.includes('hold-stdout') ? 'inherit' : 'ignore', 'ignore'],
      ...(how.includes('scrub-env') && { env: {} }),
    });
    child.unref();
  }
  while (countLines(pidsTo) < before + count) await pause(10, signal);
};

function countLines(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
