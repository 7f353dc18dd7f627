import type { SessionId } from '../../../contracts/ids.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { Owner } from '../../../store/rows.ts';
import type { HttpDependencies } from '../api.ts';

/** How many sessions, of whomever, a socket remembers; the others are asked for again. */
const maxKnown = 10_000;

/** Remembers which sessions are an owner's: that never changes. */
export class KnownSessions {
  readonly #supervisor: Pick<HttpDependencies['supervisor'], 'session'>;
  readonly #owner: Owner;
  readonly #known = new Map<SessionId, boolean>();

  constructor(supervisor: Pick<HttpDependencies['supervisor'], 'session'>, owner: Owner) {
    this.#supervisor = supervisor;
    this.#owner = owner;
  }

  /** Undefined where it has to be looked up. */
  recall(sessionId: SessionId): boolean | undefined {
    return this.#known.get(sessionId);
  }

  async isOwn(sessionId: SessionId): Promise<boolean> {
    const known = this.recall(sessionId) ?? (await this.#look(sessionId));
    this.#known.set(sessionId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  #look(sessionId: SessionId): Promise<boolean> {
    return this.#supervisor.session(this.#owner, sessionId).then(
      () => true,
      (error: unknown) => {
        if (error instanceof AppError && error.code === 'not_found') return false;
        throw error;
      },
    );
  }
}
