import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Connection } from '../client/client.ts';
import { addressFileName, defaultDataDirectory, tokenFileName } from '../config/data-directory.ts';
import { AppError } from '../kernel/app-error.ts';
import { quoteValue } from '../kernel/invalid-value.ts';
import type { Io } from './io.ts';
import type { ServerOptions } from './server-options.ts';

/**
 * Where the server is and what opens it: what the command line says, else the environment, else the data directory. Throws AppError
 * `server_unreachable`, `unauthenticated` or, where what was given is no URL, `invalid_request`.
 */
export async function findServer(options: ServerOptions, { env, cwd }: Pick<Io, 'env' | 'cwd'>): Promise<Connection> {
  const dataDir = options.dataDir === undefined ? defaultDataDirectory(env) : resolve(cwd, options.dataDir);
  const url = options.url ?? env['DROVER_URL'] ?? (await readAddress(dataDir));
  if (!isHttp(url)) {
    const source = options.url === undefined ? 'DROVER_URL' : '--url';
    const detail = `${source} is ${quoteValue(url)}, which is no URL; expected one such as http://127.0.0.1:4870`;
    throw new AppError('invalid_request', detail);
  }
  if (options.tokenFile !== undefined) return { url, token: await readToken(resolve(cwd, options.tokenFile)) };
  const token = env['DROVER_TOKEN'] ?? (isLoopback(url) ? await readToken(join(dataDir, tokenFileName)) : undefined);
  if (token !== undefined) return { url, token };
  // The token of the server on this machine is nothing for another one.
  throw new AppError('unauthenticated', `Say with --token-file or DROVER_TOKEN which token is for ${url}`);
}

const Address = z.object({ url: z.url() });

async function readAddress(dataDir: string): Promise<string> {
  try {
    return Address.parse(JSON.parse(await readFile(join(dataDir, addressFileName), 'utf8'))).url;
  } catch (cause) {
    const detail = `No Drover server runs on ${dataDir}; start one with "drover serve", or name another with --url`;
    throw new AppError('server_unreachable', detail, {}, { cause });
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const detail = `The token cannot be read from ${file} (${(cause as NodeJS.ErrnoException).code})`;
    throw new AppError('unauthenticated', detail, {}, { cause });
  }
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
