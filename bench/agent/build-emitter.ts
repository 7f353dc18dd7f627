import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('./emitter.c', import.meta.url));
const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** Path of the emitter, compiled at first use. */
export async function buildEmitter(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover');
  const digest = createHash('sha256').update(await readFile(source));
  const binary = join(cache, `emitter-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const built = `${binary}.${process.pid}`;
  const compile = (...extra: string[]) =>
    promisify(execFile)(process.env['CC'] ?? 'cc', [...flags, ...extra, '-o', built, source]);
  // Static where the machine can: an agent of 500 should cost what Drover makes it cost.
  await compile('-static').catch(() => compile());
  await rename(built, binary);
  return binary;
}
