import { basename } from 'node:path';
import type { ProcessFiles } from '../../../holder/process-directory.ts';
import type { LogStream } from './process-logs.ts';

/** What may be new in a process directory, gathered until somebody looks: mostly that one of the logs has grown. */
export class News {
  readonly #streamOf: ReadonlyMap<string, LogStream>;
  readonly #quiet: ReadonlySet<string>;
  #streams = new Set<LogStream>();
  #mayHaveEnded = false;

  constructor(files: ProcessFiles) {
    this.#streamOf = new Map([
      [basename(files.out), 'stdout'],
      [basename(files.err), 'stderr'],
    ]);
    // What we write ourselves.
    this.#quiet = new Set([files.in, files.ctl, files.outSealed, files.errSealed].map((path) => basename(path)));
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0 && !this.#mayHaveEnded;
  }

  /** A file has changed; null: nobody knows which. */
  add(file: string | null): void {
    const stream = file === null ? undefined : this.#streamOf.get(file);
    if (stream !== undefined) this.#streams.add(stream);
    else if (file === null || !this.#quiet.has(file)) this.addAll();
  }

  /** Both logs are to be read, and whether the process has ended is to be looked up. */
  addAll(): void {
    this.addStreams(this.#streamOf.values());
    this.#mayHaveEnded = true;
  }

  addStreams(streams: Iterable<LogStream>): void {
    for (const stream of streams) this.#streams.add(stream);
  }

  take(): { readonly streams: ReadonlySet<LogStream>; readonly mayHaveEnded: boolean } {
    const taken = { streams: this.#streams, mayHaveEnded: this.#mayHaveEnded };
    this.#streams = new Set();
    this.#mayHaveEnded = false;
    return taken;
  }
}
