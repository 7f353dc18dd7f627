import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCacheDirectory } from './compile-cache.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-cache-'));
});

afterEach(() => rmSync(home, { recursive: true }));

describe('the directory of compiled code', () => {
  it('lies in XDG_CACHE_HOME where that is absolute, else in ~/.cache', () => {
    const caches = join(home, 'caches');
    expect(compileCacheDirectory({ HOME: home, XDG_CACHE_HOME: caches })).toBe(join(caches, 'drover/compiled'));
    expect(compileCacheDirectory({ HOME: home, XDG_CACHE_HOME: 'caches' })).toBe(join(home, '.cache/drover/compiled'));
    expect(compileCacheDirectory({ HOME: home })).toBe(join(home, '.cache/drover/compiled'));
  });

  it('is made for its user only, and found again', () => {
    const directory = compileCacheDirectory({ HOME: home }) ?? '';
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(compileCacheDirectory({ HOME: home })).toBe(directory);
  });

  it.each([0o777, 0o770, 0o702])('is not one that others can write to (mode %o)', (mode) => {
    const directory = compileCacheDirectory({ HOME: home }) ?? '';
    for (const path of [directory, dirname(directory)]) {
      chmodSync(path, mode);
      expect(compileCacheDirectory({ HOME: home })).toBeNull();
      chmodSync(path, 0o700);
    }
  });

  it('is not one that a link leads to', () => {
    mkdirSync(join(home, '.cache'));
    symlinkSync(home, join(home, '.cache/drover'));
    expect(compileCacheDirectory({ HOME: home })).toBeNull();
  });

  it.runIf(process.getuid?.() === 0)('is not one of another user', () => {
    chownSync(compileCacheDirectory({ HOME: home }) ?? '', 65_534, 65_534);
    expect(compileCacheDirectory({ HOME: home })).toBeNull();
  });

  it('is done without where it cannot be made; a home is never made for it', () => {
    expect(compileCacheDirectory({ HOME: join(home, 'missing') })).toBeNull();
    expect(existsSync(join(home, 'missing'))).toBe(false);
    expect(compileCacheDirectory({ HOME: '/proc/nope' })).toBeNull();
    mkdirSync(join(home, '.cache'));
    writeFileSync(join(home, '.cache/drover'), '');
    expect(compileCacheDirectory({ HOME: home })).toBeNull();
  });
});

describe('the launcher', () => {
  const launcher = fileURLToPath(new URL('../../bin/drover.js', import.meta.url));
  const drover = async () => promisify(execFile)(process.execPath, [launcher, '--version'], { env: { HOME: home } });
  const directory = () => join(home, '.cache/drover/compiled');

  it('leaves what was compiled for the next start', async () => {
    const first = await drover();
    const [version = ''] = readdirSync(directory());
    const compiled = readdirSync(join(directory(), version)).length;
    expect(compiled).toBeGreaterThan(10);
    expect(await drover()).toEqual(first);
    expect(readdirSync(join(directory(), version))).toHaveLength(compiled);
  });

  it('says nothing of a directory that it must not use, and leaves it empty', async () => {
    mkdirSync(directory(), { recursive: true });
    chmodSync(directory(), 0o777);
    expect((await drover()).stderr).toBe('');
    expect(readdirSync(directory())).toEqual([]);
  });
});
