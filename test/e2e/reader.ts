import type { Event } from '../../src/contracts/events.ts';
import type { TestServer } from './test-server.ts';
import { until } from './until.ts';

/** Someone who reads a session as it pleases, over streams and pages, and keeps what it has read and where it was. */
export class Reader {
  readonly events: Event[] = [];
  readonly #server: TestServer;
  readonly #sessionId: string;
  #cursor: string | undefined;
  #seq = 0;
  #open: { readonly leave: AbortController; readonly over: Promise<void> } | undefined;

  constructor(server: TestServer, sessionId: string) {
    this.#server = server;
    this.#sessionId = sessionId;
  }

  /** Opens the stream at its cursor, where it is not on it. */
  stream(): void {
    if (this.#open !== undefined) return;
    const leave = new AbortController();
    const over = this.#follow(leave);
    // What goes wrong shows when the stream is left.
    over.catch(() => leave.abort());
    this.#open = { leave, over };
  }

  /** Leaves the stream, wherever it is. */
  async drop(): Promise<void> {
    const stream = this.#open;
    this.#open = undefined;
    stream?.leave.abort();
    await stream?.over;
  }

  /** Reads one page at its cursor, off the stream. */
  async page(limit: number): Promise<boolean> {
    await this.drop();
    const at = this.#cursor === undefined ? {} : { after: this.#cursor };
    const page = await this.#server.client.eventPage(this.#sessionId, { ...at, limit });
    if (page.reset !== undefined) throw new Error(`The page was reset: ${page.reset.reason}`);
    for (const event of page.events) this.#take(event);
    this.#cursor = page.cursor;
    return page.hasMore;
  }

  /** Reads on, in the way that it does at the moment, until an event is the one. */
  async readUntil(isLast: (event: Event) => boolean): Promise<void> {
    await until(async () => {
      if (this.#open?.leave.signal.aborted === true) await this.drop();
      if (this.#open === undefined) await this.page(5);
      return this.events.some(isLast);
    }, 'the last event to be read');
    await this.drop();
  }

  async #follow({ signal }: AbortController): Promise<void> {
    const at = this.#cursor === undefined ? {} : { after: this.#cursor };
    for await (const item of this.#server.client.events(this.#sessionId, { ...at, signal })) {
      if (signal.aborted) return;
      if ('reset' in item) throw new Error(`The stream was reset: ${item.reset.reason}`);
      this.#take(item);
      // No test here moves the generation on.
      this.#cursor = `1-${item.seq}`;
    }
  }

  /** Where `prev` is beyond what was read, something has been lost. */
  #take(event: Event): void {
    const { seq, prev } = event;
    if (prev > this.#seq || seq <= this.#seq) throw new Error(`Event ${seq} with prev ${prev} after ${this.#seq}`);
    this.#seq = seq;
    this.events.push(event);
  }
}
