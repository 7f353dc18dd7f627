import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Delivered, ReaderReport, ReadingOrder } from './protocol.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

/** What is awaited of readers that are connected. */
export interface OpenReading {
  /** Every reader has what was expected. */
  readonly counted: Promise<Delivered>;
  /** … and has seen the end. */
  readonly ended: Promise<Delivered>;
}

/** A process of its own that reads: the same for Drover and for a baseline. One reading at a time. */
export class Readers implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Resolves when all are connected. */
  async open(order: ReadingOrder): Promise<OpenReading> {
    const open = Promise.withResolvers<undefined>();
    const counted = Promise.withResolvers<Delivered>();
    const ended = Promise.withResolvers<Delivered>();
    const fail = (error: Error) => [open, counted, ended].forEach(({ reject }) => reject(error));
    for (const { promise } of [open, counted, ended]) promise.catch(() => undefined);

    const hear = (report: ReaderReport) => {
      if (report.type === 'open') open.resolve(undefined);
      else if (report.type === 'counted') counted.resolve(report.delivered);
      else if (report.type === 'ended') ended.resolve(report.delivered);
      else fail(new Error(report.problem));
    };
    const die = () => fail(new Error('The process of the readers has ended'));
    this.#child.on('message', hear).once('exit', die);
    void Promise.allSettled([ended.promise]).then(() => this.#child.off('message', hear).off('exit', die));
    this.#child.send(order);
    await open.promise;
    return { counted: counted.promise, ended: ended.promise };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
