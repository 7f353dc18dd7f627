import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { AppError } from '../kernel/app-error.ts';

/**
 * The directory that an agent is to work in, as an absolute path without links. Refuses (`workspace_refused`) what is not an absolute
 * path of a directory, and the server's own data directory with all that lies in it or holds it.
 */
export async function checkWorkspace(path: string, { dataDir }: { readonly dataDir: string }): Promise<string> {
  if (path.includes('\0')) throw refused(path.replaceAll('\0', '\\0'), 'contains a NUL character');
  if (!isAbsolute(path)) throw refused(path, 'is not absolute; give the whole path');
  const real = await realpath(path).catch((error: unknown) => {
    throw refused(path, `cannot be found (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); create it first`);
  });
  const stats = await stat(real);
  if (!stats.isDirectory()) throw refused(path, 'is not a directory');
  const data = await realpath(dataDir);
  if (isWithin(real, data) || isWithin(data, real)) {
    throw refused(path, 'and the data directory of the server must not lie in one another; choose another directory');
  }
  return real;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function refused(path: string, why: string): AppError {
  return new AppError('workspace_refused', `The workspace "${path}" ${why}`);
}
