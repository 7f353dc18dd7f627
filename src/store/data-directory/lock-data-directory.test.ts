import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { lockDataDirectory } from './lock-data-directory.ts';
import { readServerDescription } from './server-description.ts';

const program = fileURLToPath(new URL('./fixtures/hold-directory.ts', import.meta.url));
const self = { pid: process.pid, startedAt: '2026-01-01T00:00:00.000Z' };

describe('a data directory', () => {
  it('is made, for its owner only, where it is missing', () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    const lock = lockDataDirectory(directory, self);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    lock.release();
  });

  it('is held by one server at a time: the second is told by whom', async () => {
    const directory = temporaryDirectory();
    const first = await startHolder(directory);
    expect(first.answer).toBe('held');
    expect(() => lockDataDirectory(directory, self)).toThrow(
      `Data directory "${directory}" is held by the server with pid ${first.pid}, started at 2026-01-02T03:04:05.678Z; ` +
        'stop it, or choose another directory with --data-dir',
    );
    expect((await startHolder(directory)).answer).toContain(`held by the server with pid ${first.pid}`);
    // Neither refusal has loosened the lock.
    expect(() => lockDataDirectory(directory, self)).toThrow('is held by');
  });

  it('is held by one server at a time within a process, too', () => {
    const directory = temporaryDirectory();
    const lock = lockDataDirectory(directory, self);
    expect(() => lockDataDirectory(directory, self)).toThrow('is held by');
    lock.release();
    lockDataDirectory(directory, self).release();
  });

  it('is free as soon as its server has let go of it', async () => {
    const directory = temporaryDirectory();
    const first = await startHolder(directory);
    await first.end();
    expect(readServerDescription(directory)).toBeNull();
    lockDataDirectory(directory, self).release();
  });

  it('is free as soon as its server has been killed', async () => {
    const directory = temporaryDirectory();
    const first = await startHolder(directory);
    await first.kill();
    expect(readServerDescription(directory)?.pid).toBe(first.pid);
    const lock = lockDataDirectory(directory, self);
    expect(readServerDescription(directory)).toEqual(self);
    lock.release();
  });

  it('says where its server answers', () => {
    const directory = temporaryDirectory();
    const lock = lockDataDirectory(directory, self);
    lock.describe({ url: 'http://127.0.0.1:7070' });
    expect(readServerDescription(directory)).toEqual({ ...self, url: 'http://127.0.0.1:7070' });
    expect(statSync(join(directory, 'server.json')).mode & 0o777).toBe(0o600);
    lock.release();
    lock.release();
    expect(existsSync(join(directory, 'server.json'))).toBe(false);
  });

  it('must be a directory', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    expect(() => lockDataDirectory(path, self)).toThrow(`Data directory "${path}" is not a directory`);
  });

  it('must be one that can be made, which is told at once where its parents cannot', () => {
    const path = '/proc/nope/x';
    expect(() => lockDataDirectory(path, self)).toThrow(
      expect.objectContaining({
        code: 'data_directory_invalid',
        message: expect.stringMatching(/^Data directory "\/proc\/nope\/x" cannot be used \(Error: ENOENT/) as string,
      }) as Error,
    );
  });

  it('must not be one that others can change', () => {
    const directory = join(temporaryDirectory(), 'shared');
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    expect(() => lockDataDirectory(directory, self)).toThrow(/can be changed by others \(mode 777\); run: chmod 700/);
  });
});

async function startHolder(directory: string) {
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return {
    pid: child.pid,
    answer: line.trim(),
    end: () => (child.stdin.end(), exited),
    kill: () => (child.kill('SIGKILL'), exited),
  };
}
