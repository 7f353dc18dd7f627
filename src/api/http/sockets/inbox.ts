import type { RawData, WebSocket } from 'ws';
import type { ReadFrame } from './read-frame.ts';

export interface InboxOptions<Frame> {
  readonly read: (data: Buffer, isBinary: boolean) => ReadFrame<Frame>;
  /** Must not reject. */
  readonly handle: (frame: Frame) => Promise<void>;
  /** What came is not of the protocol; nothing more is taken. */
  readonly onBreach: (breach: string) => void;
}

/** While so many frames wait, no more is read. */
const maxWaiting = 16;

/** Takes a client's frames one after the other: the next when the one before has been answered. */
export class Inbox<Frame> {
  readonly #socket: WebSocket;
  readonly #options: InboxOptions<Frame>;
  readonly #waiting: Frame[] = [];
  #isWorking = false;
  #isClosed = false;

  constructor(socket: WebSocket, options: InboxOptions<Frame>) {
    this.#socket = socket;
    this.#options = options;
    socket.on('message', (data: RawData, isBinary) => this.#take(data as Buffer, isBinary));
  }

  /** Drops what waits, and reads on only to hear the client's goodbye. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#socket.resume();
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#isClosed) return;
    const read = this.#options.read(data, isBinary);
    if ('breach' in read) return this.#options.onBreach(read.breach);
    this.#waiting.push(read.frame);
    if (this.#waiting.length >= maxWaiting) this.#socket.pause();
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      await this.#options.handle(frame);
      if (this.#waiting.length === 0) this.#socket.resume();
    }
    this.#isWorking = false;
  }
}
