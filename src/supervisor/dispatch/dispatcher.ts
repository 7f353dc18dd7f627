import type { RunId, SessionId } from '../../contracts/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { RunRow, SessionRow } from '../../store/rows.ts';
import { DirectoryClaims } from './directory-claims.ts';
import type { LiveProcesses } from './live-processes.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';

/** A run that waits, and the session that it waits in. */
export interface QueuedRun {
  readonly run: RunRow;
  readonly session: SessionRow;
}

export interface DispatcherOptions {
  readonly maxRunningAgents: number;
  readonly live: Pick<LiveProcesses, 'has' | 'count' | 'ofSession' | 'inTheWayOf'>;
  /** Starts the run's next attempt, on the idle process where there is one; when it resolves, the process is live or the run has ended. */
  readonly startAttempt: (queued: QueuedRun, idle: SupervisedProcess | null) => Promise<void>;
  /** Starts the process of a session before its first prompt. */
  readonly startWarm: (session: SessionRow) => Promise<void>;
  /** Has an idle process leave, because its directory is needed. */
  readonly retire: (process: SupervisedProcess) => void;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Decides which queued run starts next: the oldest first, one at a time in a session, one session at a time in a directory, as many as
 * there are slots.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #queue: QueuedRun[] = [];
  /** Sessions whose next attempt is on its way but has no live process yet. */
  readonly #starting = new Map<SessionId, RunId | null>();
  readonly #startingIn = new DirectoryClaims();
  /** Sessions in which nothing new is to start. */
  readonly #paused = new Set<SessionId>();
  /** How many changes of its queue are on their way to the disk. */
  readonly #held = new Map<SessionId, number>();
  #lastPosition = 0;
  #firstPosition = 0;
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

  /** Takes its place by its position among those of its session; sessions have theirs by who came first. */
  add(queued: QueuedRun): void {
    const { run, session } = queued;
    if (session.pausedAt === null) this.#paused.delete(session.id);
    else this.#paused.add(session.id);
    this.#queue.push(queued);
    if (run.position < this.#lastPosition) this.#order();
    this.#lastPosition = Math.max(this.#lastPosition, run.position);
    this.#firstPosition = Math.min(this.#firstPosition, run.position);
    this.poke();
  }

  /** For a run that is to wait behind all others of its session; two that come in the same moment have different ones. */
  nextPosition(): number {
    return (this.#lastPosition += 1);
  }

  /** For one that is to wait in front of them. */
  frontPosition(): number {
    return (this.#firstPosition -= 1);
  }

  /** The run that is on its way to a process. */
  startingRun(sessionId: SessionId): RunId | null {
    return this.#starting.get(sessionId) ?? null;
  }

  isStarting(sessionId: SessionId): boolean {
    return this.#starting.has(sessionId);
  }

  /** Gives a run its place back that could not be started yet; it is tried again when its session is free. */
  putBack(queued: QueuedRun): void {
    this.#queue.unshift(queued);
    this.#order();
  }

  /** Takes a run out of the queue; null where it is not (or no longer) there. */
  take(runId: RunId): QueuedRun | null {
    const queued = this.find(runId);
    if (queued !== null) this.#queue = this.#queue.filter((other) => other !== queued);
    return queued;
  }

  find(runId: RunId): QueuedRun | null {
    return this.#queue.find(({ run }) => run.id === runId) ?? null;
  }

  /** Those of one session that wait, in the order in which they will start. */
  waiting(sessionId: SessionId): QueuedRun[] {
    return this.#queue.filter(({ session }) => session.id === sessionId);
  }

  /** Runs that wait have changed: their prompts, or their places. */
  update(rows: readonly RunRow[]): void {
    const changed = new Map(rows.map((row) => [row.id, row]));
    this.#queue = this.#queue.map((queued) => ({ ...queued, run: changed.get(queued.run.id) ?? queued.run }));
    this.#order();
  }

  /** Nothing of the session starts until it is let go: its queue is about to change. */
  hold(sessionId: SessionId): void {
    this.#held.set(sessionId, (this.#held.get(sessionId) ?? 0) + 1);
  }

  letGo(sessionId: SessionId): void {
    const count = (this.#held.get(sessionId) ?? 1) - 1;
    if (count > 0) this.#held.set(sessionId, count);
    else this.#held.delete(sessionId);
    this.poke();
  }

  setPaused(sessionId: SessionId, isPaused: boolean): void {
    if (isPaused) this.#paused.add(sessionId);
    else if (this.#paused.delete(sessionId)) this.poke();
  }

  /** Starts the process of a session that has none and waits for none; false where it has one, or its directory is taken. */
  warm(session: SessionRow): boolean {
    if (!this.#isOpen || this.#isTaken(session.id) || this.#inTheWayOf(session) !== null) return false;
    this.#start(session, null, () => this.#options.startWarm(session));
    return true;
  }

  /** A session that has work in the directory of this one; an idle process is nobody's work. */
  busyIn(session: SessionRow): SessionId | null {
    const inTheWay = this.#inTheWayOf(session);
    return inTheWay === null || this.#options.live.ofSession(inTheWay)?.isIdle === true ? null : inTheWay;
  }

  /** Why a run waits, in one line for people. */
  whyWaiting(runId: RunId): string {
    const queued = this.find(runId);
    if (queued === null) return 'it is about to start';
    const { session } = queued;
    if (this.#paused.has(session.id)) return 'its session is paused';
    const [first] = this.waiting(session.id);
    const turn = this.#options.live.ofSession(session.id)?.turn;
    if (first !== undefined && first.run.id !== runId) return `waits behind run ${first.run.id}`;
    if (turn !== null && turn !== undefined) return `waits for run ${turn.run.id} of its session`;
    if (this.#isTaken(session.id)) return 'waits for the process of its session to leave';
    const inTheWay = this.#inTheWayOf(session);
    if (inTheWay !== null) return `waits for ${session.workspacePath}, where session ${inTheWay} works`;
    const { maxRunningAgents } = this.#options;
    return `waits for one of ${maxRunningAgents} slots ("maxRunningAgents")`;
  }

  /** Call whenever a slot, a session or a directory may have become free. */
  poke(): void {
    if (!this.#isOpen) return;
    let free = this.#options.maxRunningAgents - this.#slotsTaken();
    const waiting: QueuedRun[] = [];
    const passed = new Set<SessionId>();
    const wanted = new Set<string>();
    for (const queued of this.#queue) {
      const { id, workspacePath, workspaceIsShared } = queued.session;
      // Those who share a directory must not keep one out for ever that came before and needs it for itself.
      const isKeptOut = workspaceIsShared && wanted.has(workspacePath);
      if (free > 0 && !passed.has(id) && !isKeptOut && this.#tryToStart(queued)) free -= 1;
      else waiting.push(queued);
      if (!workspaceIsShared && !passed.has(id) && this.#inTheWayOf(queued.session) !== null) wanted.add(workspacePath);
      passed.add(id);
    }
    this.#queue = waiting;
  }

  #tryToStart(queued: QueuedRun): boolean {
    const { session } = queued;
    const { live, startAttempt, retire } = this.#options;
    if (this.#paused.has(session.id) || this.#held.has(session.id) || this.#starting.has(session.id)) return false;
    const process = live.ofSession(session.id);
    if (live.has(session.id) && process?.isIdle !== true) return false;
    const inTheWay = this.#inTheWayOf(session);
    if (inTheWay !== null) {
      const other = live.ofSession(inTheWay);
      if (other?.isIdle === true && !this.#starting.has(inTheWay)) retire(other);
      return false;
    }
    this.#start(session, queued.run.id, () => startAttempt(queued, process ?? null));
    return true;
  }

  #isTaken(sessionId: SessionId): boolean {
    return this.#starting.has(sessionId) || this.#options.live.has(sessionId);
  }

  /** Slots in use; a session that is starting may be live already. */
  #slotsTaken(): number {
    const { live } = this.#options;
    const notYetLive = [...this.#starting.keys()].filter((id) => !live.has(id) || live.ofSession(id)?.isIdle === true);
    return live.count + notYetLive.length;
  }

  #inTheWayOf(session: SessionRow): SessionId | null {
    return this.#options.live.inTheWayOf(session) ?? this.#startingIn.inTheWayOf(session);
  }

  #start(session: SessionRow, runId: RunId | null, start: () => Promise<void>): void {
    const { id: sessionId } = session;
    this.#starting.set(sessionId, runId);
    this.#startingIn.add(session);
    void start()
      .catch((error: unknown) => this.#options.logger.error({ err: error, sessionId }, 'Could not start an attempt'))
      .finally(() => {
        this.#starting.delete(sessionId);
        this.#startingIn.remove(session);
        this.poke();
      });
  }

  /** Runs of a session by their positions, in the places that the session has. */
  #order(): void {
    const bySession = Map.groupBy(this.#queue, ({ session }) => session.id);
    for (const queue of bySession.values()) queue.sort((a, b) => a.run.position - b.run.position);
    this.#queue = this.#queue.map((queued) => bySession.get(queued.session.id)?.shift() ?? queued);
  }
}
