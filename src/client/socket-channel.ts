import type { ClientFrame } from '../contracts/socket.ts';
import { ProblemError } from './problem-error.ts';
import type { SocketReader } from './socket-reader.ts';

/** In place of a session, of which none has this name: the lives of all. */
export const lives = '(lives)';

export interface SocketChannelOptions {
  /** False where there is no connection. */
  readonly send: (frame: ClientFrame) => boolean;
  /** Nobody reads, and nothing comes any more. */
  readonly onUnused: () => void;
}

/**
 * One subscription as the two ends see it: who reads here, and what the server has been told. Between the request to leave and its
 * answer there still comes what belongs to who has left, so nothing new is asked for until then.
 */
export class SocketChannel {
  readonly #key: string;
  readonly #options: SocketChannelOptions;
  #reader: SocketReader<unknown> | null = null;
  /** Whom the server sends for. */
  #served: SocketReader<unknown> | null = null;
  #isLeaving = false;

  /** `key` is a session, or `lives`. */
  constructor(key: string, options: SocketChannelOptions) {
    this.#key = key;
    this.#options = options;
  }

  join(reader: SocketReader<unknown>): void {
    if (this.#reader !== null) throw alreadyRead();
    this.#reader = reader;
    this.settle();
  }

  leave(reader: SocketReader<unknown>): void {
    reader.end();
    if (this.#reader !== reader) return;
    this.#reader = null;
    this.settle();
  }

  /** Tells the server what has changed here, as soon as it can be told. */
  settle(): void {
    const { send, onUnused } = this.#options;
    const wanted = this.#reader?.isFull === true ? null : this.#reader;
    if (this.#isLeaving) return;
    if (this.#served === null) {
      if (wanted !== null && send(enter(this.#key, wanted.cursor))) this.#served = wanted;
    } else if (this.#served !== wanted) {
      this.#isLeaving = send(leave(this.#key));
    }
    if (this.#served === null && this.#reader === null) onUnused();
  }

  take(items: readonly unknown[], cursor?: string): void {
    this.#served?.add(items, cursor);
    this.settle();
  }

  /** The server has taken note that nothing more is wanted. */
  left(): void {
    this.lose();
    this.settle();
  }

  /** The connection is lost. */
  lose(): void {
    this.#served = null;
    this.#isLeaving = false;
    if (this.#reader === null) this.#options.onUnused();
  }

  refuse(error: Error): void {
    this.#reader?.fail(error);
    this.#reader = null;
    this.lose();
  }

  end(): void {
    this.#reader?.end();
    this.#reader = null;
    this.lose();
  }
}

/** The key serves as the id: a refusal comes back with it. */
function enter(key: string, after: string | undefined): ClientFrame {
  if (key === lives) return { type: 'watch', id: key };
  return { type: 'subscribe', id: key, sessionId: key, ...(after === undefined ? {} : { after }) };
}

function leave(key: string): ClientFrame {
  return key === lives ? { type: 'unwatch', id: key } : { type: 'unsubscribe', id: key, sessionId: key };
}

function alreadyRead(): ProblemError {
  return new ProblemError({
    type: 'urn:drover:problem:wrong_state',
    title: 'This is not possible in the present state',
    status: 409,
    code: 'wrong_state',
    detail: 'Somebody reads this on the same socket already; wait until they have left, or open another socket',
  });
}
