import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { request } from 'node:http';
import type { Orders } from '../agent/orders.ts';
import { toPrompt } from '../agent/orders.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

/** The baseline: a bare relay in a process of its own. */
export class Relay implements AsyncDisposable {
  url = '';
  readonly #child: ChildProcess = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  readonly #emitter: string;

  constructor(emitter: string) {
    this.#emitter = emitter;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const [port] = (await once(this.#child, 'message')) as [number];
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** Starts an agent whose lines go to all readers that are connected now. */
  async run(orders: Orders): Promise<void> {
    const url = new URL(this.url);
    for (const word of [this.#emitter, '--relay', ...toPrompt(orders).split(' ')])
      url.searchParams.append('argv', word);
    const sent = request(url, { method: 'POST', agent: false }).end();
    await once(sent, 'response');
    sent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
