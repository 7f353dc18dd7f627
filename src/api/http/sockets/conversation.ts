import { PermissionId } from '../../../contracts/ids.ts';
import {
  closeCodes,
  maxSubscriptions,
  ClientFrame,
  type ClientFrameOf,
  type CloseCode,
} from '../../../contracts/socket.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { Timer } from '../../../kernel/clock.ts';
import type { Owner } from '../../../store/rows.ts';
import { toProblem } from '../problem.ts';
import type { EventFrames } from './event-frames.ts';
import { Inbox } from './inbox.ts';
import { LifecycleWatch } from './lifecycle-watch.ts';
import { Outbox } from './outbox.ts';
import { startPulse } from './pulse.ts';
import { readFrame, toReason } from './read-frame.ts';
import { refusalOf } from './refusal-of.ts';
import type { SocketDependencies } from './socket-dependencies.ts';
import type { NewSocket } from './socket-door.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ConversationOptions extends SocketDependencies, NewSocket {
  readonly owner: Owner;
  readonly format: EventFrames;
}

/** How long a client may take to say goodbye. */
const closeGraceMs = 10_000;

/** One client on one socket, from its first frame to its end. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #outbox: Outbox;
  readonly #subscriptions: Subscriptions;
  readonly #watch: LifecycleWatch;
  readonly #inbox: Inbox<ClientFrame>;
  readonly #pulse: { stop(): void };
  #lateness: Timer | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { socket, connection, clock, logger, request } = options;
    const cut = () =>
      this.close(closeCodes.tooSlow, 'Too slow: what waited has been dropped; come back with your cursors');
    const onFailure = (error: unknown) => {
      logger.error({ err: error, request }, 'a socket met a bug');
      this.close(closeCodes.internal, `The server made a mistake; its log has more under "${request}"`);
    };
    this.#outbox = new Outbox(socket, cut);
    const parts = { ...options, outbox: this.#outbox, onFailure };
    this.#subscriptions = new Subscriptions(parts);
    this.#watch = new LifecycleWatch({ ...parts, onOverflow: cut });
    this.#inbox = new Inbox(socket, {
      read: (data, isBinary) =>
        isBinary ? { breach: 'Frames are JSON text, not binary' } : readFrame(ClientFrame, data),
      handle: (frame) => this.#handle(frame),
      onBreach: (breach) => this.close(closeCodes.notOfTheProtocol, breach),
    });
    this.#pulse = startPulse({ socket, connection, clock, onGone: () => socket.terminate(), onStill: cut });
    socket.on('close', (code) => this.#end(code));
    // A frame that is no WebSocket's, or too big: ws closes the socket with the code that says so.
    socket.on('error', () => undefined);
    // Only while it reads the answers: otherwise they would pile up.
    socket.on('ping', (data) => this.#outbox.hasRoom() && socket.pong(data));
  }

  /** Stops everything, says why, and waits a moment for the client to have heard it. */
  close(code: CloseCode, reason: string, graceMs = closeGraceMs): void {
    const { socket, clock } = this.#options;
    this.#stop();
    socket.close(code, toReason(reason));
    this.#lateness ??= clock.setTimer(graceMs, () => socket.terminate());
  }

  #stop(): void {
    this.#inbox.close();
    this.#pulse.stop();
    this.#subscriptions.clear();
    this.#watch.clear();
  }

  #end(code: number): void {
    this.#stop();
    this.#lateness?.cancel();
    // What a client gives as its reason may be anything.
    this.#options.logger.info({ request: this.#options.request, code }, 'socket closed');
  }

  async #handle(frame: ClientFrame): Promise<void> {
    try {
      await this.#obey(frame);
    } catch (error) {
      this.#outbox.say({
        type: 'error',
        id: frame.id,
        problem: toProblem(refusalOf(error, this.#options.logger, this.#options.request)),
      });
    }
  }

  #obey(frame: ClientFrame): Promise<void> | void {
    switch (frame.type) {
      case 'subscribe':
        if (this.#subscriptions.size < maxSubscriptions) return this.#subscriptions.subscribe(frame);
        return this.close(closeCodes.tooManySubscriptions, `A socket may follow ${maxSubscriptions} sessions`);
      case 'unsubscribe':
        return this.#subscriptions.unsubscribe(frame);
      case 'watch':
        return this.#watch.start(frame.id);
      case 'unwatch':
        return this.#watch.stop(frame.id);
      case 'answer':
        return this.#answer(frame);
      case 'ping':
        return this.#outbox.say({ type: 'pong', id: frame.id });
    }
  }

  async #answer({ id, permissionId: text, answer }: ClientFrameOf<'answer'>): Promise<void> {
    const permissionId = PermissionId.safeParse(text).data;
    if (permissionId === undefined) throw new AppError('not_found', `There is no permission "${text}"`);
    const { supervisor, owner } = this.#options;
    const permission = await supervisor.answerPermission(owner, permissionId, answer);
    this.#outbox.say({ type: 'answered', id, permission });
  }
}
