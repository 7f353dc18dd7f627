import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resize, wake } from '../../src/holder/control.ts';
import type { TestProcess } from '../../src/holder/process-fixture.ts';
import { ProcessFixture } from '../../src/holder/process-fixture.ts';
import { writeFrame } from '../../src/holder/spool.ts';
import { followUntil } from './collect.ts';
import { launcher, startServer, type TestServer } from './test-server.ts';
import { until } from './until.ts';

const options = { command: ['sh', '-i'], prompt: 'none', env: { PS1: '$ ', TERM: 'dumb' } };
const profiles = {
  shell: { driver: 'command', options, transport: 'pty' },
  brief: { driver: 'command', options: { command: ['true'], prompt: 'none' }, transport: 'pty' },
  screen: {
    driver: 'command',
    options: { ...options, command: ['sh', '-c', 'printf "\\033[?1049h\\033[?25l\\033[6nready"; sleep 1000'] },
    transport: 'pty',
  },
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: { profiles, stopGraceMs: 300 } });
});
afterAll(() => server.dispose());

/** The terminals that people sit at: real ones, each under a holder of its own. */
let desk: ProcessFixture;
beforeEach(async () => {
  desk = await ProcessFixture.create('release');
});
afterEach(() => desk.close());

/** A person at a terminal, who runs one command of ours in a shell. */
class Person {
  readonly process: TestProcess = desk.process();
  #offset = 0;

  async run(...args: string[]): Promise<this> {
    // The shell shows afterwards what has become of its terminal.
    const script = `stty -echo; "$@"; echo "status=$?="; stty -a | grep -c "isig icanon"; read -r line; echo "line=$line="`;
    await this.process.start({
      ...{ mode: 'pty', stdin: 'stream', size: { rows: 24, cols: 80 } },
      argv: ['/bin/sh', '-c', script, 'sh', process.execPath, launcher, ...args, '--data-dir', server.dataDir],
      env: { ...server.env, TERM: 'xterm' },
    });
    return this;
  }

  type(text: string): void {
    this.#offset = writeFrame(this.process.directory, this.#offset, Buffer.from(text));
    wake(this.process.directory);
  }

  async saw(text: string): Promise<void> {
    await until(
      () => this.process.out().includes(text),
      `${JSON.stringify(text)} at the end of ${JSON.stringify(this.process.out().slice(-600))}`,
      20_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; now ${JSON.stringify(this.process.out().slice(-1_500))}`);
    });
  }

  /** Types until that has come of it: what is typed too early is not passed on. */
  async typeUntil(text: string, seen: string): Promise<void> {
    await until(
      async () => {
        this.type(text);
        for (let turn = 0; turn < 50 && !this.process.out().includes(seen); turn += 1)
          await new Promise((go) => setTimeout(go, 10));
        return this.process.out().includes(seen);
      },
      `${seen} in ${JSON.stringify(this.process.out())}`,
    );
  }

  /** The terminal is as it was: the shell reads a whole line of it. */
  async hasTerminalBack(status: number): Promise<void> {
    await this.saw(`status=${status}=\r\n1\r\n`);
    this.type('typed\n');
    await this.saw('line=typed=');
    await this.process.ended();
  }
}

async function start(profile: string): Promise<string> {
  const sessionId = await server.session(profile);
  const { run } = await server.client.createRun(sessionId, { prompt: 'go' });
  await followUntil(server.client, sessionId, ({ type }) => type === 'process.started');
  return run.id;
}

describe('drover attach', () => {
  test('is at the terminal, with its own size, until the detach key; the run goes on', async () => {
    const runId = await start('shell');
    const person = await new Person().run('attach', runId);
    await person.saw('ctrl-] detaches');
    await person.typeUntil('echo size=$(stty size)=\r', 'size=24 80=');
    resize(person.process.directory, 30, 100);
    await person.typeUntil('echo size=$(stty size)=\r', 'size=30 100=');
    person.type('echo not sent\x1d');
    await person.saw('detached; the run goes on: drover attach run_');
    await person.hasTerminalBack(0);
    expect((await server.client.run(runId)).state).toBe('running');

    const again = await new Person().run('attach', runId, '--detach-key', 'ctrl-a');
    await again.saw('size=30 100=');
    // What stood before the key was typed, and is still there.
    await again.typeUntil('\x15exit 7\r', 'status=');
    await again.hasTerminalBack(1);
    expect(await server.client.run(runId)).toMatchObject({ state: 'failed', reason: 'agent_crashed' });
  });

  test('shows a restart of the server as nothing at all', async () => {
    const runId = await start('shell');
    const person = await new Person().run('attach', runId);
    await person.typeUntil('echo before\r', '\r\nbefore\r\n');
    await server.crash();
    await person.typeUntil('echo after\r', '\r\nafter\r\n');
    person.type('exit\r');
    await person.hasTerminalBack(0);
  });

  test('only watches where it is told to, and takes over where it is told to', async () => {
    const runId = await start('shell');
    const [writer, reader] = [
      await new Person().run('attach', runId),
      await new Person().run('attach', runId, '--read-only'),
    ];
    await writer.typeUntil('echo one\r', '\r\none\r\n');
    await reader.saw('\r\none\r\n');
    reader.type('echo never\r');
    const taker = await new Person().run('attach', runId, '--take-over');
    await writer.saw('somebody else types here now');
    await taker.typeUntil('echo two\r', '\r\ntwo\r\n');
    await writer.saw('\r\ntwo\r\n');
    taker.type('exit\r');
    for (const person of [writer, reader, taker]) await person.hasTerminalBack(0);
    expect(reader.process.out()).not.toContain('never');
  });

  test('leaves a terminal for others behind, also when it is ended', async () => {
    const runId = await start('screen');
    const person = await new Person().run('attach', runId);
    await person.saw('ready');
    const [agent] = person.process.tree().filter(({ parent }) => parent === person.process.identity().agent.pid);
    process.kill(agent?.pid ?? 0, 'SIGTERM');
    await person.saw('\x1b[?1049l\x1b[?25h\x1b[0m');
    await person.hasTerminalBack(0);
    await server.client.stop(runId);
  });

  test('needs a terminal', async () => {
    const process = desk.process();
    await process.start({ argv: [globalThis.process.execPath, launcher, 'attach', 'run_x'], env: server.env });
    expect((await process.ended()).code).toBe(2);
  });
});

test('drover run says where the screen is to be seen, where nobody sits at a terminal', async () => {
  const process = desk.process();
  const argv = [
    globalThis.process.execPath,
    launcher,
    'run',
    '--profile',
    'brief',
    '--workspace',
    server.workspace(),
    'go',
  ];
  await process.start({ argv: [...argv, '--data-dir', server.dataDir], env: server.env });
  expect((await process.ended()).code).toBe(0);
  expect(readFileSync(process.files.err, 'utf8')).toContain('see it with: drover attach run_');
});

test('drover run sits down at the screen of the run that it starts', async () => {
  const person = await new Person().run('run', '--profile', 'shell', '--workspace', server.workspace(), 'go');
  await person.typeUntil('echo $((6*7)); exit 3\r', '\r\n42\r\n');
  await person.hasTerminalBack(1);
});
