import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artefact } from './server/artefact.ts';
import type { BenchServerOptions } from './server/bench-server.ts';
import { BenchServer } from './server/bench-server.ts';
import { Gate } from './agent/gate.ts';
import { Readers } from './readers/readers.ts';
import { Relay } from './relay/relay.ts';

export interface BenchOptions {
  readonly artefact: Artefact;
  readonly emitter: string;
  readonly holder: string;
  readonly isQuick: boolean;
}

/** What one scenario works with. Whatever it takes from here is ended with it, however it ends. */
export class Bench implements AsyncDisposable {
  readonly options: BenchOptions;
  readonly #things = new AsyncDisposableStack();
  #gates: string | undefined;

  constructor(options: BenchOptions) {
    this.options = options;
  }

  /** The first, or in a quick bench the second. */
  size(full: number, quick: number): number {
    return this.options.isQuick ? quick : full;
  }

  /**
   * A server that has not been started yet. Its profile `emitter` runs as many agents as there are. No process stays after its run, unless
   * a scenario is about that: what stays would be measured with what comes after it.
   */
  server({ config, ...rest }: Partial<Pick<BenchServerOptions, 'config' | 'env'>> = {}): BenchServer {
    const { artefact, emitter, holder } = this.options;
    const profiles = { emitter: { driver: 'scripted', options: { program: emitter } } };
    const whole = { profiles, maxRunningAgents: 1_000, warm: { maxProcesses: 0 }, ...config };
    return this.#keep(() => new BenchServer({ launcher: artefact.launcher, holder, config: whole, ...rest }));
  }

  async startedServer(options: Partial<Pick<BenchServerOptions, 'config' | 'env'>> = {}): Promise<BenchServer> {
    const server = this.server(options);
    await server.start();
    return server;
  }

  async relay(): Promise<Relay> {
    const relay = this.#keep(() => new Relay(this.options.emitter));
    await relay.start();
    return relay;
  }

  readers(): Readers {
    return this.#keep(() => new Readers());
  }

  gate(): Gate {
    this.#gates ??= this.directory();
    return new Gate(this.#gates);
  }

  /** A temporary one. */
  directory(): string {
    const made = mkdtempSync(join(tmpdir(), 'drover-bench-'));
    this.#things.defer(() => rmSync(made, { recursive: true, force: true }));
    return made;
  }

  use<Thing extends AsyncDisposable>(thing: Thing): Thing {
    return this.#things.use(thing);
  }

  /** A scenario that was interrupted goes on until it notices; what it would begin now, nobody would end. */
  #keep<Thing extends AsyncDisposable>(make: () => Thing): Thing {
    if (this.#things.disposed) throw new Error('The scenario was interrupted');
    return this.#things.use(make());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync();
  }
}
