import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from './processes.ts';

/** Compiles a program of `test/fixtures/` into a directory; returns its path. */
export function compile(name: string, directory: string, ...flags: readonly string[]): string {
  const source = fileURLToPath(new URL(`../fixtures/${name}.c`, import.meta.url));
  const binary = join(directory, name);
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const { status, stderr } = execute('cc', '-std=gnu11', '-O1', ...warnings, ...flags, '-o', binary, source);
  if (status !== 0) throw new Error(`Could not compile ${name}: ${stderr}`);
  return binary;
}
