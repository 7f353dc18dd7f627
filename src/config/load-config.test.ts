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
    expect(Object.keys(config.profiles)).toEqual(['reviewer']);
    expect(config.profiles['reviewer']).toMatchObject({ driver: 'claude', options: {}, permissions: 'allow' });
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
    ['prot: 1', 1, 'prot is 1: expected one of dataDir, host, port, logLevel'],
    [
      'profiles: {a: {driver: x, permission: deny}}',
      1,
      'profiles.a.permission is "deny": expected one of driver, options, permissions',
    ],
    ['# how loud\n\nlogLevel: loud', 3, 'logLevel is "loud": expected one of "debug"|"info"|"warn"|"error"|"silent"'],
    ['host: 0.0.0.0', 1, 'host is "0.0.0.0": expected one of "127.0.0.1"|"::1"|"localhost"'],
    ['port: 70000', 1, 'port is 70000: expected number to be <=65535'],
    ['permissionDeadlineMs: 5', 1, 'permissionDeadlineMs is 5: expected number to be >=1000'],
    ['retention:\n  eventDays: 1\n  rawLogDays: -1', 3, 'retention.rawLogDays is -1: expected number to be >=0'],
    ['profiles:\n\n  a:\n    options: {}\n', 4, 'profiles.a.driver is missing: expected string'],
    ['# a list\n- a\n- b', 2, 'expected keys and values'],
    ['port: 1\nport: 2', 2, 'Map keys must be unique'],
    ['port: 1\nlogLevel: [', 2, 'Flow sequence'],
  ])(
    'refuses the file %j, naming the file, the line, the key, the value and what is allowed',
    async (text, line, message) => {
      const file = await configFile(text);
      const refusal = loadConfig({ env: env() });
      await expect(refusal).rejects.toMatchObject({ code: 'config_invalid' });
      await expect(refusal).rejects.toThrow(`${file}:${line}: ${message}`);
    },
  );

  it('names the place of each value that is wrong', async () => {
    const file = await configFile('port: x\nlogLevel: loud\n');
    const sentence = `${file}:1: port is "x": expected number; ${file}:2: logLevel is "loud": expected one of`;
    await expect(loadConfig({ env: env() })).rejects.toThrow(sentence);
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
    await expect(loadConfig({ env: env() })).rejects.toThrow(`${file}:1: dataDir is "/elsewhere"`);
  });
});

describe('permissions', () => {
  it('are denied where nobody says anything, and a profile leaves them to the server', async () => {
    const config = await loadConfig({ env: env() });
    expect(config).toMatchObject({ permissions: 'deny', permissionDeadlineMs: 300_000 });
    for (const profile of Object.values(config.profiles)) expect(profile.permissions).toBeUndefined();
  });

  it('are an action or rules, for the server and for a profile', async () => {
    await configFile(`
permissions: ask
profiles:
  reviewer:
    driver: claude
    permissionDeadlineMs: 60000
    permissions:
      - { action: allow, tool: Read }
      - { action: ask, tool: Bash, command: 'git *', otherwise: allow }
`);
    const config = await loadConfig({ env: env() });
    expect(config.permissions).toBe('ask');
    expect(config.profiles['reviewer']).toMatchObject({
      permissionDeadlineMs: 60_000,
      permissions: [
        { action: 'allow', tool: 'Read' },
        { action: 'ask', tool: 'Bash', command: 'git *', otherwise: 'allow' },
      ],
    });
  });

  it.each([
    ['- action: alow', '2.action is "alow": expected one of "allow"|"deny"|"ask" (rule 3)'],
    ['- alow', '2 is "alow": expected a rule such as {action: deny, tool: Bash} (rule 3)'],
    ['- action: deny\n        deadlineMs: 5', '2.deadlineMs is 5: expected no deadlineMs in a rule', 10],
    ['- tool: Bash', '2.action is missing: expected one of "allow"|"deny"|"ask" (rule 3)'],
    ['- {action: deny, tol: Bash}', '2.tol is "Bash": expected one of action, tool, command'],
    ['- {action: deny, path: ~/x}', '2.path is "~/x": expected an absolute path'],
  ])('with the rule %j are refused at its line', async (rule, message, line = 9) => {
    const file = await configFile(`profiles:
  reviewer:
    driver: claude
    permissions:
      # first of all
      - { action: deny, tool: WebFetch }
      - action: allow
        tool: Read
      ${rule}
`);
    const place = `${file}:${line}: profiles.reviewer.permissions.`;
    await expect(loadConfig({ env: env() })).rejects.toThrow(`${place}${message}`);
  });

  it('that are neither are refused', async () => {
    const file = await configFile('\npermissions: alow');
    await expect(loadConfig({ env: env() })).rejects.toThrow(
      `${file}:2: permissions is "alow": expected one of "allow"|"deny"|"ask", or a list of rules`,
    );
  });
});

describe('defaultDataDirectory', () => {
  it('follows DROVER_DATA_DIR, then XDG_STATE_HOME where that is absolute, then the home directory', () => {
    expect(defaultDataDirectory({ DROVER_DATA_DIR: '/d', XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/d');
    expect(defaultDataDirectory({ XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/x/drover');
    expect(defaultDataDirectory({ XDG_STATE_HOME: 'x', HOME: '/h' })).toBe('/h/.local/state/drover');
  });
});
