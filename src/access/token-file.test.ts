import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/logger.ts';
import { openTestStore } from '../store/exercise/open-test-store.ts';
import { temporaryDirectory } from '../store/exercise/temporary-directory.ts';
import { createAuthenticate } from './authenticate.ts';
import { ensureToken, readTokenFile, tokenPath } from './token-file.ts';
import { hashToken, newToken } from './token.ts';

it('makes a token at the first start, in a file that only its owner can read', async () => {
  const { directory, start, store } = await place();
  expect(readTokenFile(directory)).toBeNull();
  const token = await start();
  expect(token).toMatch(/^drv_[A-Za-z0-9_-]{43}$/);
  expect(readFileSync(tokenPath(directory), 'utf8')).toBe(`${token}\n`);
  expect(statSync(tokenPath(directory)).mode & 0o777).toBe(0o600);
  expect(await store.tokenByHash(hashToken(token))).toMatchObject(await store.localOwner());
});

it('keeps the token from one start to the next', async () => {
  const { start } = await place();
  expect(await start()).toBe(await start());
});

it('answers a deleted file by a new token, and the old one is valid no more', async () => {
  const { directory, start, authenticate, store } = await place();
  const old = await start();
  rmSync(tokenPath(directory));
  const token = await start();
  expect(token).not.toBe(old);
  expect(await authenticate(`Bearer ${old}`)).toBeNull();
  expect(await authenticate(`Bearer ${token}`)).toEqual(await store.localOwner());
});

it('takes the token that it finds, as after a kill between the file and the table', async () => {
  const { directory, start, authenticate, store } = await place();
  const token = newToken();
  writeFileSync(tokenPath(directory), token, { mode: 0o600 });
  expect(await start()).toBe(token);
  expect(await authenticate(`Bearer ${token}`)).toEqual(await store.localOwner());
});

it.each([0o640, 0o604, 0o620])('refuses a file with mode %o: who could read it may have done so', async (mode) => {
  const { directory, start } = await place();
  await start();
  chmodSync(tokenPath(directory), mode);
  await expect(start()).rejects.toMatchObject({
    code: 'data_directory_invalid',
    message: expect.stringContaining('chmod 600') as string,
  });
});

it('refuses a file in which no token stands', async () => {
  const { directory, start } = await place();
  writeFileSync(tokenPath(directory), 'drv_short\n', { mode: 0o600 });
  await expect(start()).rejects.toThrow('does not hold a token');
});

async function place() {
  const directory = temporaryDirectory();
  const store = await openTestStore({ directory });
  onTestFinished(() => store.close());
  const start = () => ensureToken({ directory, store, clock: systemClock, logger: silentLogger });
  return { directory, store, start, authenticate: createAuthenticate(store) };
}
