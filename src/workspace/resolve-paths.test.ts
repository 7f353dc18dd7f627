import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolvePaths } from './resolve-paths.ts';

let base: string;
let workspace: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'resolve-paths-')));
  workspace = join(base, 'work');
  mkdirSync(join(workspace, 'src'), { recursive: true });
  mkdirSync(join(base, 'out/deep/er'), { recursive: true });
  symlinkSync(join(base, 'out/deep/er'), join(workspace, 'link'));
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

/** What is found, relative to the directory of the test. */
const resolved = (path: string, home?: string) => {
  const { paths, areComplete } = resolvePaths([path], workspace, home);
  return { paths: paths.map((one) => one.replace(`${base}/`, '')), areComplete };
};
const certainly = (...paths: string[]) => ({ paths, areComplete: true });
const among = (...paths: string[]) => ({ paths, areComplete: false });

describe('a path', () => {
  test.each([
    ['src/a', 'work/src/a'],
    ['./src//a/', 'work/src/a'],
    ['.', 'work'],
    ['src/none/a', 'work/src/none/a'],
    ['src/../../x', 'x'],
    ['link', 'out/deep/er'],
    ['link/none/a', 'out/deep/er/none/a'],
  ])('%j is %j', (path, place) => {
    expect(resolved(path)).toEqual(certainly(place));
  });

  test('leads where it would be written', () => {
    symlinkSync('../target', join(base, 'out/deep/er/dangling'));
    symlinkSync('link/../chained', join(workspace, 'chain'));
    symlinkSync('chain', join(workspace, 'chains'));
    const { paths } = resolvePaths(['link/dangling', 'chains'], workspace);
    const before = files();
    for (const path of ['link/dangling', 'chains']) writeFileSync(join(workspace, path), '');
    expect(files().filter((file) => !before.includes(file))).toEqual([...paths].sort());
    expect(paths).toEqual([join(base, 'out/deep/target'), join(base, 'out/deep/chained')]);
  });

  test('that is there is where the kernel finds it', () => {
    symlinkSync('../src/../link/..', join(workspace, 'src/up'));
    symlinkSync('.', join(base, 'out/deep/self'));
    symlinkSync(workspace, join(base, 'out/deep/er/back'));
    const names = fc.constantFrom('.', '..', '', 'src', 'link', 'up', 'self', 'back', 'er', 'deep', 'out', 'work');
    let found = 0;
    fc.assert(
      fc.property(fc.array(names, { maxLength: 10 }), (path) => {
        const named = [workspace, ...path].join('/');
        const real = realPath(named);
        if (real === null) return;
        found += 1;
        expect(resolvePaths([named], workspace).paths[0]).toBe(real);
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test('that leads back out of a link has two readings, since not every program asks the kernel', () => {
    expect(resolved('link/../evil')).toEqual(certainly('out/deep/evil', 'work/evil'));
    expect(resolved('src/../evil')).toEqual(certainly('work/evil'));
  });

  test('in a circle of links is not complete', () => {
    symlinkSync('circle', join(workspace, 'circle'));
    expect(resolved('circle/a').areComplete).toBe(false);
  });

  test('that cannot be looked at is not complete', () => {
    writeFileSync(join(workspace, 'file'), '');
    expect(resolved('file/a')).toEqual(among('work/file/a'));
    expect(resolved(`${'a'.repeat(300)}/b`).areComplete).toBe(false);
  });

  test.each(['a\0b', 'a/'.repeat(2_000_000), 'é'.repeat(2049), `/${'a'.repeat(4096)}`])(
    'that no system call takes is not looked at',
    (path) => {
      expect(resolvePaths([path], workspace)).toEqual({ paths: [path.slice(0, 4097)], areComplete: false });
    },
  );

  test('from home is where the home of the server is, and never complete', () => {
    expect(resolved('~/.ssh/id', `${base}/me`)).toEqual(among('me/.ssh/id', 'work/~/.ssh/id'));
    expect(resolved('~', `${base}/me`)).toEqual(among('me', 'work/~'));
    expect(resolved('~you/x', `${base}/me`)).toEqual(among('work/~you/x'));
  });
});

describe.runIf(process.platform === 'linux')('what the kernel makes up', () => {
  test.each(['/proc/self/cwd/src/a', '/proc/thread-self/cwd/src/a', '/proc/self/cwd/link/../../../work/src/a'])(
    '%s is in the workspace of the agent',
    (path) => {
      expect(resolved(path).areComplete).toBe(true);
      expect(resolved(path).paths).toContain('work/src/a');
    },
  );

  test('a link to it as well', () => {
    symlinkSync('/proc/self/cwd', join(workspace, 'here'));
    expect(resolved('here/src/a')).toEqual(certainly('work/src/a'));
  });

  test.each([
    ['/proc/self/root/etc/passwd', '/etc/passwd'],
    ['/proc/self/environ', '/proc/self/environ'],
    ['/proc/1/environ', '/proc/1/environ'],
    ['/proc/self/fd/0', '/proc/self/fd/0'],
    ['/dev/fd/0', '/proc/self/fd/0'],
    ['/proc/self/task/1/cwd/src', 'work/src'],
  ])('%s is never complete', (path, place) => {
    expect(resolved(path)).toEqual(among(place));
  });
});

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function files(): string[] {
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
