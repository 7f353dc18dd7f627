import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
    onLine: () => () => undefined,
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
      'drover: --session has its own profile and workspace; leave out --profile, --workspace and --shared\n',
    ],
    [['run', 'x', '--steer'], 'drover: --steer and --replace need a --session in which something is running\n'],
    [['run', 'x', '--session', 's', '--steer', '--replace'], 'drover: either --steer or --replace\n'],
    [
      ['run', 'x', '--session', 's', '--steer', '--allow', 'Read'],
      'drover: a prompt that steers has the rules of the run that it is said into; leave out yours\n',
    ],
    [
      ['run', 'x', '--allow', 'Read', '--deny', 'git push'],
      'drover: --deny "git push" is no rule. Expected Tool, Tool(command pattern) or Tool:path pattern, such as Read, ' +
        '"Bash(git *)" or "Write:src/**"\n',
    ],
    [['pause', 'nope'], 'drover: "nope" is neither a run nor a session: an id begins with run_ or ses_\n'],
    [
      ['pause', 'ses_1', '--finish'],
      'drover: --finish needs the id of a run; a session always lets its run come to its end\n',
    ],
    [['resume', 'prm_1'], 'drover: "prm_1" is neither a run nor a session: an id begins with run_ or ses_\n'],
    [['edit', 'run_1'], "drover: missing required argument 'prompt'\n"],
    [['move', 'run_1'], 'drover: say where to: either --before <run> or --last\n'],
    [['move', 'run_1', '--last', '--before', 'run_2'], 'drover: say where to: either --before <run> or --last\n'],
    [['approve', '--always'], 'drover: name the permission to answer; "drover approve" alone lists what waits\n'],
    [['approve', 'prm_1', '--message', 'x'], 'drover: --message tells the agent why it is denied; say --deny, too\n'],
    [
      ['approve', 'prm_1', '--deny', '--input', '{}'],
      'drover: what is denied runs with no input; leave out --deny or --input\n',
    ],
    [['approve', 'prm_1', '--input', '["ls"]'], `drover: --input must be a JSON object, such as '{"command":"ls"}'\n`],
    [['logs', 'nope'], 'drover: "nope" is neither a run nor a session: an id begins with run_ or ses_\n'],
    ...['', ' ', 'abc', '99999', '-1', '1.5', '0x10'].map((port): [string[], string] => [
      ['serve', `--port=${port}`],
      `drover: option '--port <port>' argument '${port}' is invalid. Expected a number from 0 to 65535.\n`,
    ]),
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
      'show',
      'approve',
      'pause',
      'resume',
      'edit',
      'move',
      'warm',
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
  it.each([[['ps']], [['run', 'x']], [['logs', 'run_1']], [['stop', 'run_1']], [['approve']], [['profiles']]])(
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

  it.each([
    ['file', 'is not a directory; choose another with --data-dir'],
    ['file/in/it', 'cannot be used (Error: ENOTDIR'],
    ['/proc/nope/x', 'cannot be used (Error: ENOENT'],
  ])('with the data directory %s is told', async (directory, what) => {
    await writeFile(join(place, 'file'), '');
    const { code, stderr } = await drover(['serve', '--port', '0', '--data-dir', directory]);
    expect(code).toBe(1);
    expect(stderr).toContain(`drover: Data directory "${resolve(place, directory)}" ${what}`);
  });

  it('with the configuration is told before anything is started', async () => {
    await writeFile(join(place, 'config.yaml'), 'prot: 1\n');
    const { code, stderr } = await drover(['serve']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^drover: .*config\.yaml:1: prot is 1: expected one of .*\n$/);
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

  it('is exit code 3 where plain text came before the JSON of Claude Code, and 0 where none ever came (ADR 0008)', async () => {
    const text = ['Warning: something', 'Hello'];
    const replayed = async (lines: readonly string[]) => {
      await writeFile(join(place, 'out'), lines.map((line) => `${line}\n`).join(''));
      return drover(['translate', 'claude', '--stdout', 'out']);
    };
    expect((await replayed(text)).code).toBe(0);
    const { code, stdout } = await replayed([...text, '{"type":"keep_alive"}']);
    expect(code).toBe(3);
    for (const line of text) {
      expect(stdout).toContain(JSON.stringify({ type: 'agent.output', data: { stream: 'stdout', text: line } }));
    }
  });

  it('names the drivers there are, and the file that is not there', async () => {
    expect((await drover(['translate', 'nope', '--stdout', 'out'])).stderr).toMatch(
      /^drover: There is no driver "nope".*claude/,
    );
    expect(await drover(['translate', 'scripted', '--stdout', 'gone'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `drover: --stdout: "${join(place, 'gone')}" cannot be read (ENOENT)\n`,
    });
    await writeFile(join(place, 'out'), '');
    expect((await drover(['translate', 'scripted', '--stdout', 'out', '--stderr', '.'])).stderr).toBe(
      `drover: --stderr: "${place}" cannot be read (EISDIR)\n`,
    );
  });

  it('reads how a process ended', () => {
    expect(parseExit('code=7 signal=null')).toEqual({ code: 7, signal: null });
    expect(parseExit('code=null signal=SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    expect(parseExit('signal=SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect(parseExit('signal=null code=255')).toEqual({ code: 255, signal: null });
    expect(() => parseExit('7')).toThrow('Expected "code=N"');
    expect(() => parseExit('')).toThrow();
  });

  it('reads how a recorded process ended', () => {
    expect(parseExit('0 2.144627269s\n')).toEqual({ code: 0, signal: null });
    expect(parseExit('124 .710176643s')).toEqual({ code: 124, signal: null });
    expect(parseExit('code=0 signal=null 1019ms')).toEqual({ code: 0, signal: null });
    expect(parseExit('code=null signal=SIGKILL total=3073ms afterSignal=37ms')).toEqual({
      code: null,
      signal: 'SIGKILL',
    });
  });

  it.each([
    'code=256',
    '256 1.0s',
    'code=-1',
    'code=1 code=2',
    'code=1 signal=NOPE',
    'code=1 SIGTERM',
    'code=',
    'code=1 mood=good',
    '1019ms',
    'code=1signal=null',
    'code=1 3',
    '__proto__=1',
  ])('refuses %j as the end of a process', (text) => {
    expect(() => parseExit(text)).toThrow('code of 0–255');
  });

  it('reads the end of every recording', async () => {
    const directory = new URL('../../test/fixtures/recordings/claude/', import.meta.url);
    const files = (await readdir(directory)).filter((name) => name.endsWith('.exit'));
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const { code, signal } = parseExit(await readFile(new URL(file, directory), 'utf8'));
      expect(code === null, file).toBe(signal !== null);
    }
  });
});
