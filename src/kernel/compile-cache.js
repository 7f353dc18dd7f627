// Not TypeScript, so that nothing needs to be made JavaScript of before compiled code is kept: that alone takes Node 45 ms.
import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * Has Node keep what it compiles from now on, and take it from there at the next start (docs/adr/0013). It is called before all else
 * is imported. Without a place for it, and with NODE_DISABLE_COMPILE_CACHE=1, everything works as well and starts more slowly.
 *
 * @param {Environment} env
 */
export function useCompileCache(env) {
  const directory = compileCacheDirectory(env);
  // Below it Node makes a directory per version, architecture and user.
  if (directory !== null) enableCompileCache(directory);
}

/**
 * Where it is kept: `$XDG_CACHE_HOME/drover/compiled`, else `~/.cache/drover/compiled`, made where it is missing. Null where that cannot
 * be had for this user alone: what lies in it is executed, so a directory that others could write to would let them in.
 *
 * @param {Environment} env
 * @returns {string | null}
 */
export function compileCacheDirectory(env) {
  const chosen = env['XDG_CACHE_HOME'];
  // The XDG specification has relative paths ignored.
  const base = chosen?.startsWith('/') === true ? chosen : join(env['HOME'] || homedir(), '.cache');
  const drover = join(base, 'drover');
  const compiled = join(drover, 'compiled');
  try {
    for (const directory of [base, drover, compiled]) makeDirectory(directory);
    return base.startsWith('/') && isPrivate(drover) && isPrivate(compiled) ? compiled : null;
  } catch {
    return null; // A home that is missing, read-only or full is no reason not to start.
  }
}

/**
 * One level only: the home of a user who has none, such as /nonexistent, stays missing.
 *
 * @param {string} path
 */
function makeDirectory(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
}

/**
 * Of this user, and nobody else can change what it holds. A symbolic link never is: its mode is 777.
 *
 * @param {string} directory
 */
function isPrivate(directory) {
  const { uid, mode } = lstatSync(directory);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}
