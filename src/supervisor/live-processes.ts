import type { ProcessId, RunId, SessionId } from '../contracts/ids.ts';
import type { AppError } from '../kernel/app-error.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/**
 * The processes whose end is not recorded, each with its session, which has at most one; followed or, for the time being, not. A session
 * is free again only when the end of its process is stored.
 */
export class LiveProcesses {
  readonly #sessions = new Map<SessionId, ProcessId>();
  readonly #followed = new Map<ProcessId, SupervisedProcess>();
  /** Why this server cannot go on with the process of a session, and a newer one can. */
  readonly #leftAlone = new Map<SessionId, AppError>();

  /** Those that are left alone take no slot: whether they still run is not known. */
  get count(): number {
    return this.#sessions.size - this.#leftAlone.size;
  }

  has(sessionId: SessionId): boolean {
    return this.#sessions.has(sessionId);
  }

  /** Takes the session for a process that is still to be taken up. Two processes in one session are a bug. */
  hold(id: ProcessId, sessionId: SessionId): void {
    const holder = this.#sessions.get(sessionId);
    if (holder !== undefined && holder !== id) throw new Error(`Session ${sessionId} has the process ${holder}`);
    this.#sessions.set(sessionId, id);
  }

  add(process: SupervisedProcess): void {
    this.hold(process.id, process.session.id);
    this.#followed.set(process.id, process);
  }

  /** The process keeps its session, but nothing is done with it. */
  leaveAlone(id: ProcessId, refusal: AppError): void {
    this.#followed.delete(id);
    for (const [sessionId, holder] of this.#sessions) if (holder === id) this.#leftAlone.set(sessionId, refusal);
  }

  /** Throws where the process of this session is left alone. */
  refuseLeftAlone(sessionId: SessionId): void {
    const refusal = this.#leftAlone.get(sessionId);
    if (refusal !== undefined) throw refusal;
  }

  release(id: ProcessId): void {
    this.#followed.delete(id);
    for (const [sessionId, holder] of this.#sessions) {
      if (holder !== id) continue;
      this.#sessions.delete(sessionId);
      this.#leftAlone.delete(sessionId);
    }
  }

  /** The process whose open turn is this run's. */
  ofRun(runId: RunId): SupervisedProcess | undefined {
    return this.all().find((process) => process.turn?.run.id === runId);
  }

  ofSession(sessionId: SessionId): SupervisedProcess | undefined {
    const id = this.#sessions.get(sessionId);
    return id === undefined ? undefined : this.#followed.get(id);
  }

  all(): SupervisedProcess[] {
    return [...this.#followed.values()];
  }
}
