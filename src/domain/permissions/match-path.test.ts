import { describe, expect, test } from 'vitest';
import { matchesBelow, matchesPath } from './match-path.ts';

const workspace = '/home/me/[app]*😀';

describe('a glob for paths', () => {
  test.each([
    ['src/**', `${workspace}/src/a/b.ts`],
    ['src/**', `${workspace}/src`],
    ['src/**', `${workspace}/src/.env`],
    ['**', `${workspace}/.git/config`],
    ['**', workspace],
    ['.', workspace],
    ['./src/*.ts', `${workspace}/src/a.ts`],
    ['**/*.ts', `${workspace}/a.ts`],
    ['**/*.ts', `${workspace}/a/b/c.ts`],
    ['**/.env*', `${workspace}/a/.env.local`],
    ['src/**/test/*', `${workspace}/src/test/a`],
    ['src/**/test/*', `${workspace}/src/a/b/test/c`],
    ['*', `${workspace}/.env`],
    ['/etc/**', '/etc/passwd'],
    ['/**', '/'],
    ['/', '/'],
    ['/etc/**', '/home/../etc/passwd'],
    ['/tmp/\\*', '/tmp/*'],
    ['app/\\[id].tsx', `${workspace}/app/[id].tsx`],
    ['src/a.ts', 'src/a.ts'],
  ])('%j fits %j', (pattern, path) => {
    expect(matchesPath(pattern, path, workspace)).toBe(true);
  });

  test.each([
    ['src/**', `${workspace}/srcx/a`],
    ['src/**', `${workspace}/lib/src/a`],
    ['src/**', `${workspace}/src/../secret`],
    ['src/**', '/src/a'],
    ['src/*', `${workspace}/src/a/b`],
    ['src/*', `${workspace}/src`],
    ['src', `${workspace}/src/a`],
    ['**', '/home/me'],
    ['**', `${workspace}x/a`],
    ['**', '/home/me/[app]-anything😀/a'],
    ['**', `${workspace}/../other`],
    ['*.ts', `${workspace}/a/b.ts`],
    ['**/*.ts', `${workspace}/a.tsx`],
    ['SRC/**', `${workspace}/src/a`],
    ['/tmp/\\*', '/tmp/x'],
  ])('%j does not fit %j', (pattern, path) => {
    expect(matchesPath(pattern, path, workspace)).toBe(false);
  });
});

describe('what a glob can fit below a directory', () => {
  test.each([
    ['secrets/**', workspace, true],
    ['secrets/**', '/', true],
    ['secrets/key', `${workspace}/secrets`, true],
    ['secrets/**', `${workspace}/secrets`, true],
    ['secrets/**', `${workspace}/secrets/a`, true],
    ['*/key', `${workspace}/a`, true],
    ['**/.env*', `${workspace}/src`, true],
    ['secrets/**', `${workspace}/src`, false],
    ['secrets', `${workspace}/secrets`, false],
    ['secrets/*', `${workspace}/secrets/a`, false],
    ['**/.env*', '/etc', false],
    ['/etc/**', workspace, false],
  ])('%j below %j: %j', (pattern, directory, expected) => {
    expect(matchesBelow(pattern, directory, workspace)).toBe(expected);
  });
});
