import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultDataDirectory } from './data-directory.ts';
import { loadConfig } from './load-config.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'drover-config-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const env = () => ({ DROVER_DATA_DIR: dataDir });
const configFile = async (text: string) => {
  const file = join(dataDir, 'config.yaml');
  await writeFile(file, text);
  return file;
};

describe('loadConfig', () => {
  it('needs no file and has a default for every key', async () => {
    expect(await loadConfig({ env: env() })).toMatchObject({
      dataDir,
      host: '127.0.0.1',
      port: 4870,
      logLevel: 'info',
    });
  });

  it('reads config.yaml from the data directory; flags win over it', async () => {
    await configFile(
      'port: 5000\nlogLevel: debug\nprofiles:\n  reviewer:\n    driver: claude\n    permissions: allow\n',
    );
    const config = await loadConfig({ env: env(), flags: { port: 0 } });
    expect(config).toMatchObject({ port: 0, logLevel: 'debug' });
    expect(config.profiles).toEqual({ reviewer: { driver: 'claude', options: {}, permissions: 'allow' } });
  });

  it('takes an empty file for no settings', async () => {
    await configFile('# nothing yet\n');
    expect((await loadConfig({ env: env() })).port).toBe(4870);
  });

  it('leaves it to the store to say that a data directory is none', async () => {
    const file = await configFile('');
    expect((await loadConfig({ env: {}, flags: { dataDir: file } })).dataDir).toBe(file);
  });

  it('cannot be changed afterwards, at any depth', async () => {
    const config = await loadConfig({ env: env() });
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.profiles['claude'] ?? {}, { permissions: 'allow' })).toThrow(TypeError);
  });

  it.each([
    ['prot: 1', 'prot is 1: expected one of dataDir, host, port, logLevel'],
    [
      'profiles: {a: {driver: x, permission: deny}}',
      'profiles.a.permission is "deny": expected one of driver, options, permissions',
    ],
    ['logLevel: loud', 'logLevel is "loud": expected one of "debug"|"info"|"warn"|"error"|"silent"'],
    ['host: 0.0.0.0', 'host is "0.0.0.0": expected one of "127.0.0.1"|"::1"|"localhost"'],
    ['port: 70000', 'port is 70000: expected number to be <=65535'],
    ['- a\n- b', 'expected keys and values'],
    ['port: 1\nport: 2', 'Map keys must be unique'],
    ['port: [', 'at line 1'],
  ])('refuses the file %j, naming the file, the key, the value and what is allowed', async (text, message) => {
    const file = await configFile(text);
    const refusal = loadConfig({ env: env() });
    await expect(refusal).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(file);
  });

  it('refuses a flag by its name', async () => {
    await expect(loadConfig({ env: env(), flags: { port: 1.5 } })).rejects.toThrow('flags: port is 1.5: expected int');
  });

  it('refuses a file that was named and is not there', async () => {
    await expect(loadConfig({ env: env(), file: '/nowhere/config.yaml' })).rejects.toThrow(
      '/nowhere/config.yaml: the configuration cannot be read (ENOENT)',
    );
  });

  it('lets a named file choose the data directory, but not one that lies in another', async () => {
    const file = await configFile('dataDir: /elsewhere\n');
    expect((await loadConfig({ env: {}, file })).dataDir).toBe('/elsewhere');
    await expect(loadConfig({ env: env() })).rejects.toThrow('dataDir is "/elsewhere"');
  });
});

describe('defaultDataDirectory', () => {
  it('follows DROVER_DATA_DIR, then XDG_STATE_HOME where that is absolute, then the home directory', () => {
    expect(defaultDataDirectory({ DROVER_DATA_DIR: '/d', XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/d');
    expect(defaultDataDirectory({ XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/x/drover');
    expect(defaultDataDirectory({ XDG_STATE_HOME: 'x', HOME: '/h' })).toBe('/h/.local/state/drover');
  });
});
