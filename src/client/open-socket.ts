import type { Event } from '../contracts/events.ts';
import type { AnswerPermission, Permission } from '../contracts/permission.ts';
import { socketPath, type ServerFrame } from '../contracts/socket.ts';
import type { DroverSocket, OpenRuns, SocketOptions } from './drover-socket.ts';
import type { StreamReset } from './follow-events.ts';
import { ProblemError } from './problem-error.ts';
import type { Connection } from './requests.ts';
import { SocketAnswers } from './socket-answers.ts';
import { lives, SocketChannel } from './socket-channel.ts';
import { SocketLine } from './socket-line.ts';
import { SocketReader } from './socket-reader.ts';

export function openSocket(connection: Connection, options: SocketOptions = {}): DroverSocket {
  return new Socket(connection, options);
}

/** Brings what the server says to whom it is for. */
class Socket implements DroverSocket {
  readonly #maxWaiting: number;
  readonly #line: SocketLine;
  readonly #answers: SocketAnswers;
  /** By the session, or `lives`. */
  readonly #channels = new Map<string, SocketChannel>();

  constructor(connection: Connection, { maxRetries, maxWaiting = 1_000 }: SocketOptions) {
    this.#maxWaiting = maxWaiting;
    this.#line = new SocketLine(connection, {
      maxRetries,
      onOpen: () => {
        for (const channel of this.#channels.values()) channel.settle();
        this.#answers.send();
      },
      path: () => socketPath,
      // What is on the wire was checked by the server; here it is only read.
      onData: (data) => this.#take(JSON.parse(data as string) as ServerFrame),
      onLost: () => {
        for (const channel of this.#channels.values()) channel.lose();
        this.#answers.lose();
      },
      onFailure: (error) => {
        for (const channel of this.#channels.values()) channel.refuse(error);
        this.#answers.end(error);
      },
    });
    this.#answers = new SocketAnswers(connection.url, (frame) => this.#line.send(frame));
  }

  subscribe(sessionId: string, { after, signal }: { after?: string; signal?: AbortSignal } = {}) {
    return this.#read(sessionId, new SocketReader<Event | StreamReset>(after, this.#maxWaiting), signal);
  }

  watch({ signal }: { signal?: AbortSignal } = {}) {
    return this.#read(lives, new SocketReader<Event | OpenRuns>(undefined, this.#maxWaiting), signal);
  }

  answer(permissionId: string, answer: AnswerPermission): Promise<Permission> {
    this.#line.open();
    return this.#answers.add(permissionId, answer);
  }

  close(): void {
    this.#line.close();
    for (const channel of this.#channels.values()) channel.end();
    this.#answers.end();
  }

  async *#read<Item>(key: string, reader: SocketReader<Item>, signal?: AbortSignal): AsyncGenerator<Item, void> {
    if (signal?.aborted === true) return;
    const channel = this.#channelOf(key);
    channel.join(reader);
    const leave = () => reader.end();
    signal?.addEventListener('abort', leave, { once: true });
    this.#line.open();
    try {
      for (let items = await reader.take(); items !== null; items = await reader.take()) {
        channel.settle();
        for (const item of items) {
          if (reader.hasEnded) return;
          yield item;
        }
      }
    } finally {
      signal?.removeEventListener('abort', leave);
      channel.leave(reader);
    }
  }

  #channelOf(key: string): SocketChannel {
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const channel = new SocketChannel(key, {
      send: (frame) => this.#line.send(JSON.stringify(frame)),
      onUnused: () => {
        if (this.#channels.get(key) === channel) this.#channels.delete(key);
      },
    });
    this.#channels.set(key, channel);
    return channel;
  }

  /** What a newer server may say besides is not known here. */
  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'events':
        return this.#channels.get(frame.sessionId)?.take(frame.events, frame.cursor);
      case 'reset': {
        const { sessionId, reason, cursor } = frame;
        return this.#channels.get(sessionId)?.take([{ reset: { reason, cursor } }], cursor);
      }
      case 'unsubscribed':
        return this.#channels.get(frame.sessionId)?.left();
      case 'watching':
        return this.#channels.get(lives)?.take([{ runs: frame.runs }]);
      case 'lifecycle':
        return this.#channels.get(lives)?.take([frame.event]);
      case 'unwatched':
        return this.#channels.get(lives)?.left();
      case 'answered':
        return this.#answers.resolve(frame.id, frame.permission);
      case 'error': {
        const error = new ProblemError(frame.problem);
        this.#answers.refuse(frame.id, error);
        return this.#channels.get(frame.id ?? lives)?.refuse(error);
      }
      default:
    }
  }
}
