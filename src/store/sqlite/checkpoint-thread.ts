import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What the thread says to each question. */
export interface CheckpointAnswer {
  /** Why it could not be done, say for want of space. */
  readonly error: string | null;
}

// The same file in a clone (.ts) and in the package (.js).
const program = join(import.meta.dirname, `checkpoint-worker${extname(import.meta.filename)}`);

/** Enough for the program, and for taking its types away in a clone. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 2 };

/**
 * A thread with a connection of its own, which checkpoints a database without blocking this one. It is started when it is first
 * needed, and again after it has died or was ended.
 */
export class CheckpointThread {
  readonly #path: string;
  #worker: Worker | undefined;
  #ending: Promise<unknown> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Copies into the database what the log holds. One at a time. Rejects where the thread dies. */
  async checkpoint(): Promise<CheckpointAnswer> {
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<CheckpointAnswer>();
    const died = (reason?: unknown) =>
      reject(new Error('The checkpoint thread died', reason instanceof Error ? { cause: reason } : undefined));
    worker.once('message', resolve).once('error', died).once('exit', died);
    // While something is under way, it is waited for.
    worker.ref();
    worker.postMessage('checkpoint');
    try {
      return await promise;
    } finally {
      worker.off('message', resolve).off('error', died).off('exit', died);
      worker.unref();
    }
  }

  /** Resolves when its connection is closed. It must have nothing under way. */
  async end(): Promise<void> {
    const worker = this.#worker;
    if (worker !== undefined) {
      this.#worker = undefined;
      this.#ending = new Promise((resolve) => worker.once('exit', resolve));
      worker.ref();
      worker.postMessage('end');
    }
    await this.#ending;
  }

  #start(): Worker {
    const worker = new Worker(program, { workerData: this.#path, resourceLimits, execArgv: [], env: {} });
    const forget = () => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    // Who waits for an answer is told; without a listener the error would end this process.
    worker.on('error', forget).on('exit', forget);
    return worker;
  }
}
