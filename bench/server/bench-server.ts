import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Orders } from '../agent/orders.ts';
import { toPrompt } from '../agent/orders.ts';
import type { Event } from '../../src/contracts/events.ts';
import type { Run, Session } from '../../src/contracts/resources.ts';
import { Requests } from './ask.ts';
import { listeningAddress } from './listening-address.ts';
import { stopHolders } from './stop-holders.ts';

export interface BenchServerOptions {
  /** `bin/drover.js` of what is measured. */
  readonly launcher: string;
  readonly holder: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Beside PATH, HOME and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface SessionOrder {
  /** @default the emitter */
  readonly profile?: string;
  /** One that it shares with others. @default one of its own */
  readonly workspace?: string;
  /** Its process is started at once, not by its first prompt. @default false */
  readonly isWarm?: boolean;
}

/** `drover serve` in a process of its own, on a data directory in a temporary place of its own. */
export class BenchServer implements AsyncDisposable {
  readonly place = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  readonly dataDir = join(this.place, 'data');
  /** That of the server and its agents. */
  readonly home = join(this.place, 'home');
  url = '';
  readonly #options: BenchServerOptions;
  #child: ChildProcess | undefined;
  #requests: Requests | undefined;
  #isDisposed = false;

  constructor(options: BenchServerOptions) {
    this.#options = options;
    mkdirSync(this.home);
    mkdirSync(this.dataDir, { mode: 0o700 });
    writeFileSync(join(this.dataDir, 'config.yaml'), JSON.stringify({ logLevel: 'warn', ...options.config }));
  }

  /** Resolves when it has printed its address. */
  async start(): Promise<void> {
    if (this.#isDisposed) throw new Error('The server was disposed of');
    const args = [this.#options.launcher, 'serve', '--data-dir', this.dataDir, '--port', '0'];
    const child = spawn(process.execPath, args, { env: this.env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const url = await listeningAddress(child);
    if (url === undefined) throw new Error('The server did not start');
    this.url = url;
    this.#requests = new Requests(url, readFileSync(join(this.dataDir, 'token'), 'utf8').trim());
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#requests?.[Symbol.dispose]();
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get env(): Record<string, string> {
    const { holder, env } = this.#options;
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      TMPDIR: this.place,
      DROVER_HOLDER: holder,
      ...env,
    };
  }

  get requests(): Requests {
    if (this.#requests === undefined) throw new Error('The server was not started');
    return this.#requests;
  }

  workspace(): string {
    return mkdtempSync(join(this.place, 'workspace-'));
  }

  /** Opens one; resolves with its id. */
  async session({ profile = 'emitter', workspace, isWarm = false }: SessionOrder = {}): Promise<string> {
    // Many share a directory only where they are told to: else each waits until the one before it has left.
    const place = workspace === undefined ? { path: this.workspace() } : { path: workspace, isShared: true };
    const body = { profile, workspace: place, ...(isWarm && { warm: true }) };
    return ((await this.requests.ask('POST', '/v1/sessions', body)) as Session).id;
  }

  async sessionNow(sessionId: string): Promise<Session> {
    return (await this.requests.ask('GET', `/v1/sessions/${sessionId}`)) as Session;
  }

  /** Resolves when the session has a process that is ready for a prompt. */
  async warm(sessionId: string, timeoutMs = 30_000): Promise<Session> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const session = await this.sessionNow(sessionId);
      const state = session.process?.state ?? 'absent';
      if (state === 'warm') return session;
      if (performance.now() > deadline) throw new Error(`After ${timeoutMs} ms the session's process is ${state}`);
      await sleep(20);
    }
  }

  /** Queues a run; resolves with its id. */
  async run(sessionId: string, prompt: string | Orders): Promise<string> {
    const body = { prompt: typeof prompt === 'string' ? prompt : toPrompt(prompt) };
    return ((await this.requests.ask('POST', `/v1/sessions/${sessionId}/runs`, body)) as Run).id;
  }

  async runNow(runId: string): Promise<Run> {
    return (await this.requests.ask('GET', `/v1/runs/${runId}`)) as Run;
  }

  /** Resolves when no run is open any more. */
  async quiet(timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { runs } = (await this.requests.ask('GET', '/v1/runs?open=true&limit=1000')) as { runs: unknown[] };
      if (runs.length === 0) return;
      if (performance.now() > deadline) throw new Error(`${runs.length} runs have not ended within ${timeoutMs} ms`);
      await sleep(100);
    }
  }

  /** The first thousand events of a session. */
  async events(sessionId: string): Promise<readonly Event[]> {
    const page = await this.requests.ask('GET', `/v1/sessions/${sessionId}/events?limit=1000`);
    return (page as { events: Event[] }).events;
  }

  /** `after`: a cursor. @default from the beginning */
  eventsUrl(sessionId: string, after?: string): string {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    return `${this.url}/v1/sessions/${sessionId}/events${query}`;
  }

  /** Ends the server and every agent, and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.signal('SIGKILL');
    await stopHolders(this.dataDir, this.#options.holder);
    rmSync(this.place, { recursive: true, force: true, maxRetries: 3 });
  }
}
