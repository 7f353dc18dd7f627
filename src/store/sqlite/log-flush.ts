import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Puts the write-ahead log on disk without blocking anybody. It is what SQLite does in line at each commit under `synchronous = FULL`
 * (https://www.sqlite.org/pragma.html#pragma_synchronous); here many commits share one, and others go on meanwhile.
 */
export class LogFlush {
  readonly #fd: number;
  readonly #sync: (fd: number) => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** The log of the database at `path`, which has one: it lasts as long as a connection. */
  constructor(path: string, sync: (fd: number) => Promise<void> = promisify(fdatasync)) {
    this.#sync = sync;
    this.#fd = openSync(`${path}-wal`, 'r');
  }

  /** Resolves when all that was committed before the call is on disk. */
  flush(): Promise<void> {
    // What is under way may have begun before the last commit.
    return (this.#next ??= this.#after(this.#running));
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => undefined);
    closeSync(this.#fd);
  }

  async #after(running: Promise<void> | undefined): Promise<void> {
    await running?.catch(() => undefined);
    this.#next = undefined;
    this.#running = this.#sync(this.#fd).finally(() => (this.#running = undefined));
    await this.#running;
  }
}
