import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PipeOrder, PipeTurn } from './own-pipe.ts';

const program = fileURLToPath(new URL('./own-pipe.ts', import.meta.url));

/** The process of the baseline, apart from the emulator, as the readers are. */
export class Pipe implements AsyncDisposable {
  readonly #child: ChildProcess = fork(program);

  /** The turns of the order's prompts. */
  async run(order: PipeOrder): Promise<readonly PipeTurn[]> {
    this.#child.send(order);
    const [turns] = (await once(this.#child, 'message')) as [readonly PipeTurn[]];
    return turns;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
