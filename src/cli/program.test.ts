import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { parseExit } from './commands/translate.ts';
import { runProgram } from './program.ts';

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'drover-cli-'));
});

afterEach(() => rm(place, { recursive: true }));

async function drover(args: readonly string[], { env = {}, stdin = '' } = {}) {
  let [stdout, stderr] = ['', ''];
  const code = await runProgram(args, {
    env: { DROVER_DATA_DIR: place, ...env },
    cwd: place,
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    stdout: { write: (text) => (stdout += text.toString()) },
    stderr: { write: (text) => (stderr += text.toString()) },
    clock: systemClock,
    onSignal: () => () => undefined,
    exit: () => undefined,
    loadDaemon: () => import('../daemon.ts'),
  });
  return { code, stdout, stderr };
}

describe('the command line', () => {
  it.each([
    [['--nope'], "drover: unknown option '--nope'\n"],
    [['frobnicate'], "drover: unknown command 'frobnicate'\n"],
    [['stop'], "drover: missing required argument 'run'\n"],
    [['run'], 'drover: there is no prompt; say what to do, or "-" to read it from stdin\n'],
    [['run', '-'], 'drover: there is no prompt; say what to do, or "-" to read it from stdin\n'],
    [
      ['run', 'x', '--session', 's', '--profile', 'p'],
      'drover: --session has its own profile and workspace; leave out --profile and --workspace\n',
    ],
    [
      ['logs', 'ses_1', '--raw', 'stdin'],
      "drover: option '--raw <stream>' argument 'stdin' is invalid. Allowed choices are stdout, stderr.\n",
    ],
  ])('that is wrong is one line on stderr and exit code 2: %j', async (args, stderr) => {
    expect(await drover(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('is explained by --help, exit codes included', async () => {
    const { code, stdout } = await drover(['--help']);
    expect(code).toBe(0);
    for (const command of [
      'serve',
      'run',
      'ps',
      'logs',
      'stop',
      'interrupt',
      'cancel',
      'profiles',
      'translate',
      'try',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    expect(stdout).toContain('69  no server answers');
  });

  it('prints the version', async () => {
    expect((await drover(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('trouble', () => {
  it.each([[['ps']], [['run', 'x']], [['logs', 'run_1']], [['stop', 'run_1']], [['profiles']]])(
    'is exit code 69 and one line where no server runs: %j',
    async (args) => {
      expect(await drover(args)).toEqual({
        code: 69,
        stdout: '',
        stderr: `drover: No Drover server runs on ${place}; start one with "drover serve", or name another with --url\n`,
      });
    },
  );

  it('is exit code 69 where the server has gone and left its address', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const { code, stderr } = await drover(['ps', '--url', url], { env: { DROVER_TOKEN: 'x' } });
    expect([code, stderr]).toEqual([69, `drover: No Drover server answers at ${url}; start one with "drover serve"\n`]);
  });

  it('that the server tells is one inert line', async () => {
    const server = createServer((_, response) => {
      const problem = {
        type: 'x',
        title: 'x',
        status: 422,
        code: 'unknown_profile',
        detail: 'There is no\n\u001b[31mprofile',
      };
      response.writeHead(422).end(JSON.stringify(problem));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await drover(['run', 'x', '--url', url], { env: { DROVER_TOKEN: 'x' } });
    server.closeAllConnections();
    server.close();
    expect([code, stderr]).toEqual([1, 'drover: There is no ␛[31mprofile\n']);
  });

  it('with the configuration is told before anything is started', async () => {
    await writeFile(join(place, 'config.yaml'), 'prot: 1\n');
    const { code, stderr } = await drover(['serve']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^drover: .*config\.yaml: prot is 1: expected one of .*\n$/);
  });
});

describe('translate', () => {
  const recorded = [
    '{"type":"hello","version":"1","sessionId":"scripted-1","resumed":false}',
    '{"type":"turn_started","id":"t1"}',
    '{"type":"turn_ended","outcome":"succeeded","reason":null,"message":null,"answer":"Hi"}',
  ];
  const translate = async (lines: readonly string[], ...args: string[]) => {
    await writeFile(join(place, 'out'), lines.map((line) => `${line}\n`).join(''));
    const { code, stdout, stderr } = await drover(['translate', 'scripted', '--stdout', 'out', ...args]);
    return {
      code,
      stderr,
      events: stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  };

  it('prints the events of a recording, last how it ended', async () => {
    const { code, events } = await translate(recorded);
    expect(code).toBe(0);
    expect(events.length).toBeGreaterThan(1);
    expect(events.at(-1)).toEqual({ outcome: 'succeeded', reason: null });
  });

  it('concludes from the exit where no turn ended', async () => {
    const { events } = await translate(recorded.slice(0, 2), '--exit', 'signal=SIGKILL');
    expect(events.at(-1)).toEqual({ outcome: 'failed', reason: 'agent_crashed' });
  });

  it('is exit code 3 where a line was not understood', async () => {
    const { code, events } = await translate(['what?', ...recorded]);
    expect(code).toBe(3);
    expect(events).toContainEqual({ type: 'agent.output', data: { stream: 'stdout', text: 'what?' } });
  });

  it('names the drivers there are, and the file that is not there', async () => {
    expect((await drover(['translate', 'nope', '--stdout', 'out'])).stderr).toMatch(
      /^drover: There is no driver "nope".*claude/,
    );
    expect(await drover(['translate', 'scripted', '--stdout', 'gone'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ENOENT') as string,
    });
  });

  it('reads how a process ended', () => {
    expect(parseExit('code=7 signal=null')).toEqual({ code: 7, signal: null });
    expect(parseExit('code=null signal=SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    expect(parseExit('signal=SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect(() => parseExit('7')).toThrow('Expected "code=N"');
    expect(() => parseExit('')).toThrow();
  });
});
