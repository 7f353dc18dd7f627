import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { ServerFrame, socketPath, type ClientFrame } from '../../../contracts/socket.ts';
import type { SessionId } from '../../../contracts/ids.ts';
import type { Session } from '../../../contracts/resources.ts';
import { AppError } from '../../../kernel/app-error.ts';
import { systemClock, type Clock } from '../../../kernel/clock.ts';
import type { Owner } from '../../../store/rows.ts';
import { session, token, type ApiUnderTest } from '../api-under-test.ts';
import type { HttpDependencies } from '../api.ts';

/** For the tests of this folder: a client that says what it is told to, and keeps what it hears, each frame checked by its schema. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #heard: ServerFrame[] = [];
  #news = Promise.withResolvers<undefined>();

  constructor(api: Pick<ApiUnderTest, 'port'>, options: ClientOptions & { readonly token?: string } = {}) {
    const { token: own = token, ...rest } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${api.port}${socketPath}`, ['drover.v1', `drover.token.${own}`], rest);
    this.socket.on('message', (data: Buffer) => {
      this.#heard.push(ServerFrame.parse(JSON.parse(data.toString())));
      this.#news.resolve(undefined);
      this.#news = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on('error', () => undefined);
  }

  static async open(...args: ConstructorParameters<typeof SocketClient>): Promise<SocketClient> {
    const client = new SocketClient(...args);
    await once(client.socket, 'open');
    return client;
  }

  say(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next frame of a type that has not been asked for; those of other types stay. */
  async hear<Type extends ServerFrame['type']>(type: Type): Promise<Extract<ServerFrame, { type: Type }>> {
    for (;;) {
      const index = this.#heard.findIndex((frame) => frame.type === type);
      const [frame] = index === -1 ? [] : this.#heard.splice(index, 1);
      if (frame !== undefined) return frame as Extract<ServerFrame, { type: Type }>;
      await this.#news.promise;
    }
  }

  /** What came and was not asked for, in order. */
  get unheard(): readonly ServerFrame[] {
    return this.#heard;
  }

  /** The `seq` of the session's next events. */
  async seqs(sessionId: SessionId, count: number): Promise<number[]> {
    const seqs: number[] = [];
    while (seqs.length < count) {
      const frame = await this.hear('events');
      if (frame.sessionId !== sessionId) throw new Error(`Events of ${frame.sessionId} came for ${sessionId}`);
      seqs.push(...frame.events.map(({ seq }) => seq));
    }
    return seqs;
  }

  /** Resolves when the server has handled all that was said. */
  async settled(): Promise<void> {
    this.say({ type: 'ping', id: 'settled' });
    await this.hear('pong');
  }
}

/** A supervisor that knows to whom sessions belong. */
export function ownersOf(sessions: ReadonlyMap<SessionId, Owner>): Pick<HttpDependencies['supervisor'], 'session'> {
  return {
    async session(owner, id): Promise<Session> {
      if (sessions.get(id)?.userId !== owner.userId) throw new AppError('not_found', `There is no session "${id}"`);
      return { ...session, id };
    },
  };
}

/** A clock whose timers fire when a test says so. */
export function heldClock(): { clock: Clock; fire(delayMs: number): void } {
  const timers = new Set<{ delayMs: number; fire: () => void }>();
  return {
    clock: {
      ...systemClock,
      setTimer(delayMs, fire) {
        const timer = { delayMs, fire };
        timers.add(timer);
        return { cancel: () => timers.delete(timer) };
      },
    },
    fire(delayMs) {
      for (const timer of [...timers]) {
        if (timer.delayMs !== delayMs) continue;
        timers.delete(timer);
        timer.fire();
      }
    },
  };
}
