import type { Event } from '../../src/contracts/events.ts';
import type { TestServer } from './test-server.ts';
import { until } from './until.ts';

/** What comes of a session without being asked for again. */
type Transport = 'stream' | 'socket';

/** Someone who reads a session as it pleases, over streams, WebSockets and pages, and keeps what it has read and where it was. */
export class Reader {
  readonly events: Event[] = [];
  readonly #server: TestServer;
  readonly #sessionId: string;
  #cursor: string | undefined;
  #seq = 0;
  #open: { readonly transport: Transport; readonly leave: AbortController; readonly over: Promise<void> } | undefined;

  constructor(server: TestServer, sessionId: string) {
    this.#server = server;
    this.#sessionId = sessionId;
  }

  /** Goes on at its cursor over this transport, where it is not on it. */
  async follow(transport: Transport): Promise<void> {
    if (this.#open?.transport === transport) return;
    await this.drop();
    const leave = new AbortController();
    const over = this.#follow(transport, leave);
    // What goes wrong shows when the transport is left.
    over.catch(() => leave.abort());
    this.#open = { transport, leave, over };
  }

  /** Leaves the stream or the socket, wherever it is. */
  async drop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    open?.leave.abort();
    await open?.over;
  }

  /** Reads one page at its cursor, off the stream or the socket. */
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

  async #follow(transport: Transport, { signal }: AbortController): Promise<void> {
    const at = { signal, ...(this.#cursor === undefined ? {} : { after: this.#cursor }) };
    const { client } = this.#server;
    // Little may wait for it, so that it is held back now and then.
    const socket = client.socket({ maxWaiting: 5 });
    const items = transport === 'socket' ? socket.subscribe(this.#sessionId, at) : client.events(this.#sessionId, at);
    try {
      for await (const item of items) {
        if (signal.aborted) return;
        if ('reset' in item) throw new Error(`The ${transport} was reset: ${item.reset.reason}`);
        this.#take(item);
        // No test here moves the generation on.
        this.#cursor = `1-${item.seq}`;
      }
    } finally {
      socket.close();
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
