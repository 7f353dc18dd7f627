import type { SessionId } from '../contracts/ids.ts';
import { lifecycleTypes } from '../contracts/socket.ts';
import type { EventRow } from '../store/store.ts';
import type { AppendedEvent, LoggedEvent } from './event-log.ts';
import { toLoggedEvent } from './serialise-events.ts';

/** Called at once, in the order of the commits; it must not throw, and what takes time it does later. */
export type LifecycleListener = (sessionId: SessionId, event: LifecycleEvent) => void;

export type LifecycleEvent = LoggedEvent & { readonly type: string };

/**
 * Brings what tells of the lives of all sessions to everyone who watches. Costs nothing while nobody does; otherwise a look at the
 * type of each event, which is not read again from what was written.
 */
export class LifecycleFeed {
  readonly #listeners = new Set<LifecycleListener>();

  watch(listener: LifecycleListener, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** What has just been committed: the events, and in the same order their rows. */
  publish(sessionId: SessionId, events: readonly AppendedEvent[], rows: readonly EventRow[]): void {
    if (this.#listeners.size === 0) return;
    events.forEach(({ type }, index) => {
      const row = rows[index];
      if (row === undefined || !lifecycleTypes.has(type)) return;
      const event = { ...toLoggedEvent({ ...row, prev: row.seq - 1 }), type };
      for (const listener of this.#listeners) listener(sessionId, event);
    });
  }
}
