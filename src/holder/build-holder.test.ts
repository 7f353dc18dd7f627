import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderBinary, holderKey, holderSource } from './build-holder.ts';

describe('the binary of the holder', () => {
  let cacheDir: string;
  beforeEach(() => {
    cacheDir = mkdtempSync(join(tmpdir(), 'drover-cache-'));
  });
  afterEach(() => rmSync(cacheDir, { recursive: true }));

  it('is built once, however many ask at the same time, and then kept', async () => {
    const env = { PATH: process.env['PATH'] };
    const paths = await Promise.all([1, 2, 3].map(() => holderBinary({ cacheDir, env })));
    expect(new Set(paths).size).toBe(1);
    const [path = ''] = paths;
    expect(path).toMatch(/\/holder-[0-9a-f]{12}$/);
    expect(readdirSync(cacheDir)).toHaveLength(1);
    const built = statSync(path).ino;
    expect(statSync(await holderBinary({ cacheDir, env: { CC: '/no/such/compiler' } })).ino).toBe(built);
    await promisify(execFile)(path, ['probe']);
  });

  it('is another with other flags, and when any of its files changes', async () => {
    cpSync(dirname(holderSource), cacheDir, { recursive: true });
    const keys = [await holderKey([], cacheDir), await holderKey(['-g'], cacheDir)];
    expect(keys[0]).toBe(await holderKey([]));
    for (const name of readdirSync(cacheDir)) {
      writeFileSync(join(cacheDir, name), ' ', { flag: 'a' });
      keys.push(await holderKey([], cacheDir));
    }
    expect(keys.length).toBeGreaterThan(3);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the one that DROVER_HOLDER names', async () => {
    expect(await holderBinary({ env: { DROVER_HOLDER: '/bin/true' } })).toBe('/bin/true');
    await expect(holderBinary({ env: { DROVER_HOLDER: '/no/such/file' } })).rejects.toMatchObject({
      code: 'compiler_missing',
      message: expect.stringContaining('DROVER_HOLDER names "/no/such/file"') as string,
    });
  });

  it('needs a compiler, and says how to get one', async () => {
    await expect(holderBinary({ cacheDir, env: { CC: '/no/such/compiler' } })).rejects.toMatchObject({
      code: 'compiler_missing',
      message: expect.stringContaining('apt-get install gcc') as string,
    });
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});
