import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../kernel/app-error.ts';

/**
 * Makes the data directory (0700) where it is missing. Throws AppError `data_directory_invalid` where it is no directory, belongs to
 * someone else or could be changed by others. One that others can merely list is taken: what lies in it is private by itself.
 */
export function prepareDataDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    const stats = statSync(directory);
    if (!stats.isDirectory()) throw invalid(directory, 'is not a directory; choose another with --data-dir');
    refuseUnsafe(directory, stats);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid(directory, `cannot be used (${String(error)}); choose another with --data-dir`, { cause: error });
  }
}

/** Parents one by one: where they cannot be made, as below /proc, Node's own recursive mkdir never returns. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(directory) === directory) throw error;
    makeDirectory(dirname(directory));
    mkdirSync(directory, { mode: 0o700 });
  }
}

function refuseUnsafe(directory: string, { uid, mode }: Stats): void {
  const ownUid = process.getuid?.();
  if (ownUid !== undefined && uid !== ownUid) {
    throw invalid(
      directory,
      `belongs to user ${uid}, not to user ${ownUid} as whom Drover runs; choose another with --data-dir`,
    );
  }
  if ((mode & 0o022) !== 0) {
    throw invalid(
      directory,
      `can be changed by others (mode ${(mode & 0o7777).toString(8)}); ` +
        `run: chmod 700 "${directory}", or choose another with --data-dir`,
    );
  }
}

function invalid(directory: string, rest: string, options?: ErrorOptions): AppError {
  return new AppError('data_directory_invalid', `Data directory "${directory}" ${rest}`, { directory }, options);
}
