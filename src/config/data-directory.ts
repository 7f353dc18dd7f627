import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything lasts that a server knows, when nobody says otherwise: an absolute path. */
export function defaultDataDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['DROVER_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const state = env['XDG_STATE_HOME'];
  // The XDG specification has relative paths ignored.
  const base = state?.startsWith('/') === true ? state : join(env['HOME'] ?? homedir(), '.local', 'state');
  return join(base, 'drover');
}

/** The name of the file in a data directory that tells clients where its server listens: `{pid, startedAt, url}`. */
export const addressFileName = 'server.json';

/** The name of the file in a data directory that holds the local user's bearer token. */
export const tokenFileName = 'token';
