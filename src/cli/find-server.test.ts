import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findServer } from './find-server.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'drover-find-'));
  await writeFile(
    join(dataDir, 'server.json'),
    '{"pid":1,"startedAt":"2026-11-21T10:00:00Z","url":"http://127.0.0.1:4999"}',
  );
  await writeFile(join(dataDir, 'token'), 'drv_local\n');
  await writeFile(join(dataDir, 'other-token'), 'drv_other\n');
});

afterEach(() => rm(dataDir, { recursive: true }));

const find = (options = {}, env: Record<string, string> = {}) =>
  findServer(options, { env: { DROVER_DATA_DIR: dataDir, ...env }, cwd: dataDir });

describe('findServer', () => {
  it('finds address and token in the data directory', async () => {
    expect(await find()).toEqual({ url: 'http://127.0.0.1:4999', token: 'drv_local' });
    expect(await findServer({ dataDir: '.' }, { env: {}, cwd: dataDir })).toMatchObject({ token: 'drv_local' });
  });

  it('prefers the environment, and the command line to both', async () => {
    const env = { DROVER_URL: 'http://127.0.0.1:1', DROVER_TOKEN: 'drv_env' };
    expect(await find({}, env)).toEqual({ url: 'http://127.0.0.1:1', token: 'drv_env' });
    expect(await find({ url: 'http://127.0.0.1:2', tokenFile: 'other-token' }, env)).toEqual({
      url: 'http://127.0.0.1:2',
      token: 'drv_other',
    });
  });

  it('sends the token of the server on this machine to no other machine', async () => {
    expect(await find({ url: 'http://localhost:1' })).toMatchObject({ token: 'drv_local' });
    for (const url of ['http://evil.example:4999', 'http://127.0.0.1.evil.example', 'http://127.0.0.1@evil.example']) {
      await expect(find({ url })).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it.each(['notaurl', 'localhost:4870', 'file:///etc'])(
    'says of %j that it is no URL, and who said it',
    async (url) => {
      const rest = `is "${url}", which is no URL; expected one such as http://127.0.0.1:4870`;
      await expect(find({ url })).rejects.toThrow(`--url ${rest}`);
      await expect(find({}, { DROVER_URL: url, DROVER_TOKEN: 'drv_env' })).rejects.toThrow(`DROVER_URL ${rest}`);
    },
  );

  it('says what to do where there is no server or no token', async () => {
    await rm(join(dataDir, 'token'));
    await expect(find()).rejects.toThrow(`The token cannot be read from ${join(dataDir, 'token')} (ENOENT)`);
    await rm(join(dataDir, 'server.json'));
    await expect(find()).rejects.toMatchObject({ code: 'server_unreachable' });
    await expect(find()).rejects.toThrow(`No Drover server runs on ${dataDir}; start one with "drover serve"`);
  });
});
