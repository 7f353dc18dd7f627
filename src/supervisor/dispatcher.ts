import type { RunId, SessionId } from '../contracts/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import type { RunRow } from '../store/rows.ts';
import type { LiveProcesses } from './live-processes.ts';

export interface DispatcherOptions {
  readonly maxRunningAgents: number;
  readonly live: Pick<LiveProcesses, 'has' | 'count'>;
  /** Starts the run's next attempt; when it resolves, the attempt's process is live or the run has ended. */
  readonly startAttempt: (run: RunRow) => Promise<void>;
  readonly logger: Pick<Logger, 'error'>;
}

/** Decides which queued run starts next: oldest first, one at a time in a session, as many as there are slots. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #queue: RunRow[] = [];
  /** Sessions whose next attempt is on its way but has no live process yet. */
  readonly #starting = new Set<SessionId>();
  #isOpen = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  open(): void {
    this.#isOpen = true;
    this.poke();
  }

  /** Starts no more; queued runs stay queued for the next server. */
  close(): void {
    this.#isOpen = false;
  }

  add(run: RunRow): void {
    this.#queue.push(run);
    this.poke();
  }

  /** Gives a run its place back that could not be started yet; it is tried again when its session is free. */
  putBack(run: RunRow): void {
    this.#queue.unshift(run);
  }

  /** Takes a run out of the queue; null where it is not (or no longer) there. */
  take(runId: RunId): RunRow | null {
    const run = this.#queue.find((queued) => queued.id === runId) ?? null;
    if (run !== null) this.#queue = this.#queue.filter((queued) => queued !== run);
    return run;
  }

  /** Call whenever a slot or a session may have become free. */
  poke(): void {
    if (!this.#isOpen) return;
    const { live, maxRunningAgents } = this.#options;
    const waiting: RunRow[] = [];
    const passed = new Set<SessionId>();
    for (const run of this.#queue) {
      const { sessionId } = run;
      const isFree = !passed.has(sessionId) && !live.has(sessionId) && !this.#starting.has(sessionId);
      passed.add(sessionId);
      if (isFree && this.#taken() < maxRunningAgents) this.#start(run);
      else waiting.push(run);
    }
    this.#queue = waiting;
  }

  /** Slots in use; a session that is starting may be live already. */
  #taken(): number {
    const notYetLive = [...this.#starting].filter((sessionId) => !this.#options.live.has(sessionId));
    return this.#options.live.count + notYetLive.length;
  }

  #start(run: RunRow): void {
    this.#starting.add(run.sessionId);
    void this.#options
      .startAttempt(run)
      .catch((error: unknown) =>
        this.#options.logger.error({ err: error, runId: run.id }, 'Could not start an attempt'),
      )
      .finally(() => {
        this.#starting.delete(run.sessionId);
        this.poke();
      });
  }
}
