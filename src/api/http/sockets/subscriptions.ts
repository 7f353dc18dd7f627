import { formatCursor } from '../../../contracts/cursor.ts';
import { SessionId } from '../../../contracts/ids.ts';
import type { ClientFrameOf } from '../../../contracts/socket.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { EventBatch } from '../../../log/event-batch.ts';
import type { Owner } from '../../../store/rows.ts';
import { findReadingPlace } from '../events/reading-place.ts';
import type { EventFrames } from './event-frames.ts';
import { maxFrameBytes, type Outbox } from './outbox.ts';
import type { SocketDependencies } from './socket-dependencies.ts';

export interface SubscriptionsOptions extends Pick<SocketDependencies, 'supervisor' | 'log'> {
  readonly owner: Owner;
  readonly outbox: Outbox;
  readonly format: EventFrames;
  /** Called where the log cannot be read: a bug. */
  readonly onFailure: (error: unknown) => void;
}

/** The sessions that a socket follows. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #open = new Map<string, AbortController>();
  #isOver = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Says where it begins, then everything beyond. Rejects with AppError `not_found`, `invalid_request` or `wrong_state`. */
  async subscribe({ id, sessionId: text, after }: ClientFrameOf<'subscribe'>): Promise<void> {
    const { supervisor, log, owner, outbox } = this.#options;
    if (this.#open.has(text)) throw new AppError('wrong_state', `This socket follows the session "${text}" already`);
    const sessionId = SessionId.safeParse(text).data;
    if (sessionId === undefined) throw new AppError('not_found', `There is no session "${text}"`);
    await supervisor.session(owner, sessionId);
    const { seq, reset } = await findReadingPlace(log, sessionId, after);
    if (this.#isOver) return;
    const cursor = formatCursor(log.generation, seq);
    outbox.say({ type: 'subscribed', id, sessionId, cursor });
    if (reset !== null) outbox.say({ type: 'reset', sessionId, ...reset, cursor });
    const leave = new AbortController();
    this.#open.set(sessionId, leave);
    void this.#follow(sessionId, seq, leave.signal);
  }

  /** After its reply nothing more of the session is sent. */
  unsubscribe({ id, sessionId }: ClientFrameOf<'unsubscribe'>): void {
    const leave = this.#open.get(sessionId);
    if (leave === undefined)
      throw new AppError('wrong_state', `This socket does not follow the session "${sessionId}"`);
    this.#open.delete(sessionId);
    leave.abort();
    this.#options.outbox.say({ type: 'unsubscribed', id, sessionId });
  }

  /** For good. */
  clear(): void {
    this.#isOver = true;
    for (const leave of this.#open.values()) leave.abort();
    this.#open.clear();
  }

  async #follow(sessionId: SessionId, seq: number, signal: AbortSignal): Promise<void> {
    const { log, outbox, format, onFailure } = this.#options;
    const takeAtOnce = (batch: EventBatch): boolean => {
      if (!outbox.hasRoom()) return false;
      const frame = batch.as(format);
      if (frame.length > maxFrameBytes) return false;
      outbox.send(frame);
      return true;
    };
    const takeTurn = () => outbox.takeTurn(signal);
    try {
      for await (const batch of log.subscribeInTurns(sessionId, seq, signal, takeAtOnce, takeTurn)) {
        if (signal.aborted) return;
        outbox.send(batch.as(format));
      }
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    }
  }
}
