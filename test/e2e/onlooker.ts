import type { AttachedTerminal, AttachOptions, DroverClient, TerminalNotice } from '../../src/client/client.ts';
import { until } from './until.ts';

/** Somebody at a terminal, who remembers all that is seen and told. */
export class Onlooker {
  readonly terminal: AttachedTerminal;
  readonly notices: TerminalNotice[] = [];
  /** Resolves when it is over. */
  readonly done: Promise<void>;
  #pieces: Uint8Array[] = [];

  /** `rest`: what is waited for after each item. */
  constructor(client: DroverClient, runId: string, options: AttachOptions = {}, rest?: () => Promise<unknown>) {
    this.terminal = client.terminal(runId, options);
    this.done = this.#look(rest);
    this.done.catch(() => undefined);
  }

  get bytes(): Buffer {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }

  /** Waits until this stands in what was seen. */
  async saw(text: string | RegExp): Promise<string> {
    return until(
      () => {
        const seen = this.bytes.toString();
        return (typeof text === 'string' ? seen.includes(text) : text.test(seen)) && seen;
      },
      `${String(text)} on the terminal, where there is ${JSON.stringify(this.bytes.toString().slice(-500))}`,
      30_000,
    );
  }

  async heard(matches: (notice: TerminalNotice) => boolean): Promise<TerminalNotice> {
    return until(() => this.notices.find(matches), `a notice; there are ${JSON.stringify(this.notices)}`, 30_000);
  }

  async type(text: string): Promise<void> {
    await until(() => this.terminal.type(Buffer.from(text)), 'a connection to type into');
  }

  async #look(rest?: () => Promise<unknown>): Promise<void> {
    for await (const item of this.terminal) {
      if (item instanceof Uint8Array) this.#pieces.push(item);
      else this.notices.push(item);
      await rest?.();
    }
  }
}
