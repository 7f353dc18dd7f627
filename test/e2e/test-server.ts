import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { holderBinary } from '../../src/holder/build-holder.ts';
import { stop } from '../../src/holder/control.ts';
import { isAlive, readIdentity } from '../../src/holder/identity.ts';
import { sealLogs } from '../../src/holder/seal.ts';
import type { DroverClient } from '../../src/client/client.ts';
import { createClient } from '../../src/client/client.ts';
import { until } from './until.ts';

export const launcher = fileURLToPath(new URL('../../bin/drover.js', import.meta.url));

export interface TestServerOptions {
  /** Environment of the server beside PATH, HOME and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the data directory as `config.yaml` (JSON is YAML). */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Most tests wait for the end of a process to know that all is over; those of warm processes say otherwise. */
const processPerRun = { warm: { maxProcesses: 0 } };

/** The server as users run it, `drover serve` in a process of its own, on a data directory in a temporary place of its own. */
export class TestServer {
  /** Everything of this test: the data directory, the agents' home, workspaces. */
  readonly place = mkdtempSync(join(tmpdir(), 'drover-e2e-'));
  readonly dataDir = join(this.place, 'data');
  readonly home = join(this.place, 'home');
  /** What the server wrote to stderr, over all its lives. */
  stderr = '';
  url = '';
  /** Set before a start: a program and its arguments that change something about their place and then execute the server. */
  wrapper: readonly string[] = [];
  #options: TestServerOptions;
  #child: ChildProcess | undefined;

  constructor(options: TestServerOptions = {}) {
    this.#options = options;
    mkdirSync(this.home);
    mkdirSync(this.dataDir, { mode: 0o700 });
    writeFileSync(join(this.dataDir, 'config.yaml'), JSON.stringify({ ...processPerRun, ...options.config }));
  }

  get token(): string {
    return readFileSync(join(this.dataDir, 'token'), 'utf8').trim();
  }

  get client(): DroverClient {
    return createClient({ url: this.url, token: this.token });
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get env(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.home, TMPDIR: this.place, ...this.#options.env };
  }

  /** Starts a server on this directory; resolves when it has printed its address. The holder is built once for all of them. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = this.spawnServer({ DROVER_HOLDER: await holderBinary(), ...env });
    this.#child = child;
    const url = await Promise.race([addressOf(child), once(child, 'exit').then(() => undefined)]);
    if (url === undefined) throw new Error(`The server did not start: ${this.stderr}`);
    this.url = url;
  }

  /** Starts a server on this directory, and lets it run into whatever it runs into. */
  spawnServer(env: Readonly<Record<string, string>> = {}): ChildProcess {
    // A restarted server keeps its address, so that readers can go on.
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const server = [process.execPath, launcher, 'serve', '--data-dir', this.dataDir, '--port', port];
    const [program = '', ...args] = [...this.wrapper, ...server];
    const child = spawn(program, args, { env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    return child;
  }

  /** Resolves with the exit code, or the signal, when the server is gone. */
  async signal(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.#child;
    if (child === undefined) throw new Error('The server was not started');
    child.kill(signal);
    return await this.exited();
  }

  async exited(): Promise<number | string> {
    const child = this.#child;
    if (child === undefined) throw new Error('The server was not started');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode ?? child.signalCode ?? '';
  }

  /** `kill -9`, then a new server on the same directory. */
  async crash(): Promise<void> {
    await this.signal('SIGKILL');
    await this.start();
  }

  /** A new directory to work in. */
  workspace(name = 'workspace'): string {
    return mkdtempSync(join(this.place, `${name}-`));
  }

  async session(profile = 'scripted', workspace = this.workspace()): Promise<string> {
    const { id } = await this.client.createSession({ profile, workspace: { path: workspace } });
    return id;
  }

  processDirectory(processId: string): string {
    return join(this.dataDir, 'processes', processId);
  }

  /** Ends the server and every agent, whatever state they are in, and removes everything. */
  async dispose(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.signal('SIGKILL');
    const binary = await holderBinary();
    for (const name of listDirectory(join(this.dataDir, 'processes'))) {
      const directory = this.processDirectory(name);
      const identity = readIdentity(directory);
      if (identity !== null) {
        stop(directory, 0);
        await until(() => !isAlive(identity.holder, identity.boot), `the holder of ${name} to leave`);
      }
      await sealLogs(binary, directory);
    }
    rmSync(this.place, { recursive: true, force: true });
  }
}

/** A started server; the test disposes of it. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = new TestServer(options);
  await server.start();
  return server;
}

async function addressOf(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/[\w.[\]:]+:\d+/.exec(line)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  return undefined;
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
