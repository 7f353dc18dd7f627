import type { WebSocket } from 'ws';
import type { ServerFrame } from '../../../contracts/socket.ts';
import { Turns } from './turns.ts';

/** Above this no more events are put on a socket; what is on it goes first. */
const highWaterBytes = 512 * 1024;

/** A frame of several events is no larger; with what may wait before it, that is all that events cost a socket. */
export const maxFrameBytes = 1024 * 1024;

/** Of what cannot be read again: replies, and what is told of lives. */
const maxSaidBytes = 1024 * 1024;

/**
 * What goes out on a socket, and how much of it may wait: less than 4 MB, whatever the client does, but for a single event that is
 * larger by itself.
 */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #overflow: () => void;
  readonly #turns = new Turns(() => this.hasRoom());
  #saidBytes = 0;

  /** `overflow` is called when too much waits of what cannot be read again. */
  constructor(socket: WebSocket, overflow: () => void) {
    this.#socket = socket;
    this.#overflow = overflow;
  }

  /** Whether the client takes what it is sent. */
  hasRoom(): boolean {
    return this.#socket.bufferedAmount < highWaterBytes;
  }

  /** Events, as text that was prepared for all sockets; only while there is room. */
  send(frame: Buffer): void {
    this.#socket.send(frame, asText, this.#flushed);
  }

  /** A reply, or what happens to somebody's life. */
  say(frame: ServerFrame): void {
    this.sayText(JSON.stringify(frame));
  }

  sayText(frame: string): void {
    const bytes = Buffer.byteLength(frame);
    this.#saidBytes += bytes;
    this.#socket.send(frame, () => {
      this.#saidBytes -= bytes;
      this.#flushed();
    });
    if (this.#saidBytes > maxSaidBytes && this.#saidBytes > bytes) this.#overflow();
  }

  /** For subscriptions that read what is stored: fair, and only while there is room. */
  takeTurn(signal: AbortSignal): Promise<() => void> {
    return this.#turns.take(signal);
  }

  readonly #flushed = (): void => this.#turns.next();
}

const asText = { binary: false };
