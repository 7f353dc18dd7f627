import type { SessionId } from '../../../contracts/ids.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { LifecycleEvent } from '../../../log/lifecycle-feed.ts';
import type { Owner } from '../../../store/rows.ts';
import { KnownSessions } from './known-sessions.ts';
import type { Outbox } from './outbox.ts';
import type { SocketDependencies } from './socket-dependencies.ts';

export interface LifecycleWatchOptions extends Pick<SocketDependencies, 'supervisor' | 'log'> {
  readonly owner: Owner;
  readonly outbox: Outbox;
  /** Called when more waits to be looked up than may. */
  readonly onOverflow: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** In characters of JSON; what is looked up is on no socket yet. */
const maxWaitingChars = 512 * 1024;

/** The newest of the open runs. */
const maxRuns = 1_000;

/** Tells a socket of the lives of its owner's sessions: the runs that are open, then what happens, in the order of the log. */
export class LifecycleWatch {
  readonly #options: LifecycleWatchOptions;
  readonly #known: KnownSessions;
  #leave: AbortController | undefined;

  constructor(options: LifecycleWatchOptions) {
    this.#options = options;
    this.#known = new KnownSessions(options.supervisor, options.owner);
  }

  /** Rejects with AppError `wrong_state`. */
  async start(id: string | undefined): Promise<void> {
    if (this.#leave !== undefined) throw new AppError('wrong_state', 'This socket watches already');
    const { supervisor, log, owner, outbox } = this.#options;
    const leave = new AbortController();
    this.#leave = leave;
    // From before the runs are read, so that nothing falls between; what they show already may be told once more.
    const waiting = new WaitingEvents(leave.signal, { ...this.#options, known: this.#known });
    log.watch((sessionId, event) => waiting.take(sessionId, event), leave.signal);
    try {
      const runs = await supervisor.runs(owner, { isOpen: true, limit: maxRuns });
      outbox.say({ type: 'watching', id, runs });
    } catch (error) {
      this.clear();
      throw error;
    }
    waiting.release();
  }

  /** After its reply nothing more is told. */
  stop(id: string | undefined): void {
    if (this.#leave === undefined) throw new AppError('wrong_state', 'This socket does not watch');
    this.clear();
    this.#options.outbox.say({ type: 'unwatched', id });
  }

  clear(): void {
    this.#leave?.abort();
    this.#leave = undefined;
  }
}

interface Waiting {
  readonly sessionId: SessionId;
  readonly json: string;
}

/** Keeps events in order while it is looked up whose they are. */
class WaitingEvents {
  readonly #signal: AbortSignal;
  readonly #options: LifecycleWatchOptions & { readonly known: KnownSessions };
  readonly #queue: Waiting[] = [];
  #chars = 0;
  /** Before the first is told, and while one is looked up. */
  #isHeld = true;

  constructor(signal: AbortSignal, options: LifecycleWatchOptions & { readonly known: KnownSessions }) {
    this.#signal = signal;
    this.#options = options;
  }

  take(sessionId: SessionId, { json }: LifecycleEvent): void {
    if (this.#options.known.recall(sessionId) === false) return;
    this.#queue.push({ sessionId, json });
    this.#chars += json.length;
    if (!this.#isHeld) this.release();
    else if (this.#chars > maxWaitingChars && this.#queue.length > 1) this.#options.onOverflow();
  }

  /** Tells all that waits. */
  release(): void {
    this.#isHeld = true;
    this.#tell().catch((error: unknown) => this.#options.onFailure(error));
  }

  async #tell(): Promise<void> {
    const { known, outbox } = this.#options;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const isOwn = known.recall(next.sessionId) ?? (await known.isOwn(next.sessionId));
      if (this.#signal.aborted) return;
      this.#queue.shift();
      this.#chars -= next.json.length;
      if (isOwn) outbox.sayText(`{"type":"lifecycle","event":${next.json}}`);
    }
    this.#isHeld = false;
  }
}
