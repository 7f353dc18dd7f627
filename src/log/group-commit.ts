import type { SessionId } from '../contracts/ids.ts';
import { AppError } from '../kernel/app-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { RetryableStoreError } from '../store/retryable-store-error.ts';
import type { EventRow, Store } from '../store/store.ts';
import { CommitPace } from './commit-pace.ts';
import type { Entry } from './event-log.ts';
import { nextTurn } from './next-turn.ts';
import { whenStoreAnswers } from './patient-store.ts';
import { serialiseEvents } from './serialise-events.ts';
import { SessionHeads } from './session-heads.ts';

export interface GroupCommitOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each entry when it has been committed, in the order of the appends. */
  readonly publish: (entry: Entry, events: readonly EventRow[]) => void;
  readonly maxBatchEvents: number;
  readonly maxBatchChars: number;
}

/**
 * The one writer of the log. What is appended in one turn of the event loop, and what gathers while a commit is under way, goes into
 * the store together: a commit costs about as much for one event as for a hundred.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #heads: SessionHeads;
  readonly #closing = new AbortController();
  readonly #pace: CommitPace;
  readonly #queue: Pending[] = [];
  #working: Promise<void> | undefined;
  readonly #flushes = new Set<Promise<void>>();
  /** Ends a wait for more to commit. */
  #gathered: (() => void) | undefined;
  /** How many of the next entries are committed each by itself, since one of them failed in a batch. */
  #singles = 0;
  /** Why nothing more is taken; then everything rejects with it. */
  #refusal: AppError | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#heads = new SessionHeads(options.store);
    this.#pace = new CommitPace(options.clock);
  }

  append(entry: Entry): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    const jsons = serialiseEvents(entry, toTimestamp(this.#options.clock));
    return new Promise((resolve, reject) => {
      this.#queue.push({ entry, jsons, resolve, reject });
      if (this.#gathered !== undefined && !this.#mayGather()) this.#gathered();
      this.#working ??= this.#work();
    });
  }

  /** Commits what has been appended so far and refuses all else. */
  async close(): Promise<void> {
    this.#refusal ??= closed();
    this.#closing.abort();
    this.#gathered?.();
    await this.#working;
    await Promise.all(this.#flushes);
  }

  async #work(): Promise<void> {
    if (!this.#pace.isRested()) await nextTurn();
    while (this.#queue.length > 0) {
      const waitMs = this.#pace.waitMs();
      if (waitMs > 0 && this.#mayGather()) await this.#gather(waitMs);
      this.#pace.spend();
      await this.#commit(this.#takeBatch());
      await nextTurn();
    }
    this.#working = undefined;
  }

  /** Not what somebody waits for, and not a full batch. */
  #mayGather(): boolean {
    if (this.#closing.signal.aborted || this.#queue.some(isUrgent)) return false;
    return eventsIn(this.#queue) < this.#options.maxBatchEvents;
  }

  /** Commits follow one another fast: waits for more, or until something comes that cannot wait. */
  async #gather(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.setTimer(waitMs, () => resolve(undefined));
    this.#gathered = () => resolve(undefined);
    await promise;
    this.#gathered = undefined;
    timer.cancel();
  }

  #takeBatch(): Pending[] {
    if (this.#singles > 0) {
      this.#singles -= 1;
      return this.#queue.splice(0, 1);
    }
    const { maxBatchEvents, maxBatchChars } = this.#options;
    let events = 0;
    let chars = 0;
    const end = this.#queue.findIndex(({ jsons }, index) => {
      events += jsons.length;
      for (const json of jsons) chars += json.length;
      return index > 0 && (events > maxBatchEvents || chars > maxBatchChars);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const sessionIds = new Set(batch.map(({ entry }) => entry.sessionId));
    let rows: EventRow[][];
    try {
      rows = await this.#store(batch, sessionIds);
    } catch (error) {
      this.#heads.forget(sessionIds);
      this.#fail(batch, error);
      return;
    }
    const durable = batch.filter(({ entry }) => entry.isDurable === true);
    if (durable.length > 0) this.#flush(durable);
    batch.forEach(({ entry, resolve }, index) => {
      this.#options.publish(entry, rows[index] ?? []);
      if (entry.isDurable !== true) resolve();
    });
  }

  /** Nobody but those who asked for it waits for the disk: others commit meanwhile. */
  #flush(durable: readonly Pending[]): void {
    const flush = this.#options.store.flush().then(
      () => durable.forEach(({ resolve }) => resolve()),
      (error: unknown) => durable.forEach(({ reject }) => reject(error)),
    );
    this.#flushes.add(flush);
    void flush.finally(() => this.#flushes.delete(flush));
  }

  /** Resolves with the rows that have been stored of each entry. */
  async #store(batch: readonly Pending[], sessionIds: ReadonlySet<SessionId>): Promise<EventRow[][]> {
    const { store, clock, logger } = this.#options;
    const patience = { clock, logger, signal: this.#closing.signal };
    const missing = this.#heads.missing(sessionIds);
    if (missing.length > 0) await whenStoreAnswers(() => this.#heads.load(missing, sessionIds), patience);
    const rows = batch.map(({ entry, jsons }) => this.#heads.place(entry, jsons));
    const commits = batch.map(({ entry: { sessionId, writes } }, index) => {
      return { epoch: store.epoch, sessionId, events: rows[index] ?? [], writes };
    });
    await whenStoreAnswers(() => store.commit(commits), patience);
    return rows;
  }

  #fail(batch: readonly Pending[], error: unknown): void {
    const [first, ...others] = batch;
    if (error instanceof AppError && error.code === 'stale_epoch') this.#refuseAll(batch, error);
    else if (error instanceof RetryableStoreError) this.#refuseAll(batch, closed(error));
    else if (others.length > 0) this.#tryOneByOne(batch);
    else if (first !== undefined) this.#rejectSession(first, error);
  }

  /** One entry that the store cannot take must not take other sessions' with it. */
  #tryOneByOne(batch: readonly Pending[]): void {
    this.#queue.unshift(...batch);
    this.#singles = batch.length;
  }

  /** Rejects the entry, and with it those of its session that were appended in the belief that it would be stored. */
  #rejectSession({ entry: { sessionId }, reject }: Pending, error: unknown): void {
    reject(error);
    const waiting = this.#queue.splice(0);
    for (const pending of waiting) {
      if (pending.entry.sessionId === sessionId) pending.reject(error);
      else this.#queue.push(pending);
    }
  }

  #refuseAll(batch: readonly Pending[], refusal: AppError): void {
    this.#refusal = refusal;
    for (const { reject } of [...batch, ...this.#queue.splice(0)]) reject(refusal);
  }
}

function isUrgent({ entry: { isDurable = false, isUrgent = isDurable } }: Pending): boolean {
  return isUrgent;
}

function eventsIn(queue: readonly Pending[]): number {
  return queue.reduce((events, { jsons }) => events + jsons.length, 0);
}

function closed(cause?: Error): AppError {
  const options = cause === undefined ? undefined : { cause };
  return new AppError('shutting_down', 'The event log is closed; try again when the server is back', {}, options);
}

interface Pending {
  readonly entry: Entry;
  readonly jsons: readonly string[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}
