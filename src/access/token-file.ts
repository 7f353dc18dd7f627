import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tokenFileName } from '../config/data-directory.ts';
import { AppError } from '../kernel/app-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Store } from '../store/store.ts';
import { hashToken, newToken, tokenPattern } from './token.ts';

export interface EnsureTokenOptions {
  readonly directory: string;
  readonly store: Pick<Store, 'localOwner' | 'tokenByHash' | 'replaceToken'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where the token of a data directory stands: a file for its owner's eyes only. */
export function tokenPath(directory: string): string {
  return join(directory, tokenFileName);
}

/**
 * Sees to it that the local user's token stands in `<directory>/token` and that it, and no other, is valid. A file that was deleted
 * is answered by a new token; the old one is valid no more. Rejects with AppError `data_directory_invalid` where others can read the
 * file or where no token stands in it.
 */
export async function ensureToken({ directory, store, clock, logger }: EnsureTokenOptions): Promise<string> {
  const path = tokenPath(directory);
  const token = readTokenFile(directory) ?? writeTokenFile(path, newToken());
  const hash = hashToken(token);
  if ((await store.tokenByHash(hash)) === null) {
    const owner = await store.localOwner();
    await store.replaceToken({ ...owner, id: `local/${owner.userId}`, hash, createdAt: toTimestamp(clock) });
    logger.info({ path }, 'Made a new access token');
  }
  return token;
}

/** The token of a data directory, for the server and for clients on the same machine; null where there is none yet. */
export function readTokenFile(directory: string): string | null {
  const path = tokenPath(directory);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return null;
  // Not repaired in silence: whoever could read it may have done so, and only its user can know.
  if ((mode & 0o077) !== 0) {
    throw invalid(
      path,
      `can be read by others (mode ${(mode & 0o777).toString(8)}); if nobody can have read it run: chmod 600 "${path}", ` +
        'otherwise delete it and start the server again for a new one',
    );
  }
  const token = readFileSync(path, 'utf8').trim();
  if (!tokenPattern.test(token)) {
    throw invalid(
      path,
      'does not hold a token ("drv_" and 43 characters); delete it and start the server again for a new one',
    );
  }
  return token;
}

/** Written beside and renamed, so that the file is never there without its token. */
function writeTokenFile(path: string, token: string): string {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, `${token}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return token;
}

function invalid(path: string, rest: string): AppError {
  return new AppError('data_directory_invalid', `Token file "${path}" ${rest}`, { path });
}
