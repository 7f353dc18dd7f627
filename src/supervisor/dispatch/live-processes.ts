import type { ProcessId, RunId, SessionId } from '../../contracts/ids.ts';
import type { AppError } from '../../kernel/app-error.ts';
import type { Claim } from './directory-claims.ts';
import { DirectoryClaims } from './directory-claims.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';

interface Held {
  readonly processId: ProcessId;
  readonly claim: Claim;
}

/**
 * The processes whose end is not recorded, each with its session, which has at most one, and its directory, which has one at a time
 * unless all that work there share it; followed or, for the time being, not. Both are free again only when the end of the process is
 * stored: a claim is as true as the process is.
 */
export class LiveProcesses {
  readonly #held = new Map<SessionId, Held>();
  readonly #claims = new DirectoryClaims();
  readonly #followed = new Map<ProcessId, SupervisedProcess>();
  /** Why this server cannot go on with the process of a session, and a newer one can. */
  readonly #leftAlone = new Map<SessionId, AppError>();

  /** How many have work, or may have. Those that are left alone do not count: whether they still run is not known. */
  get count(): number {
    let count = 0;
    for (const sessionId of this.#held.keys()) {
      if (!this.#leftAlone.has(sessionId) && this.ofSession(sessionId)?.isIdle !== true) count += 1;
    }
    return count;
  }

  has(sessionId: SessionId): boolean {
    return this.#held.has(sessionId);
  }

  /** Takes the session for a process that is still to be taken up. Two processes in one session are a bug. */
  hold(id: ProcessId, claim: Claim): void {
    const holder = this.#held.get(claim.id);
    if (holder !== undefined && holder.processId !== id) {
      throw new Error(`Session ${claim.id} has the process ${holder.processId}`);
    }
    this.#held.set(claim.id, { processId: id, claim });
    this.#claims.add(claim);
  }

  add(process: SupervisedProcess): void {
    this.hold(process.id, process.session);
    const before = this.#followed.get(process.id);
    if (before !== process) before?.detach();
    this.#followed.set(process.id, process);
  }

  /** Whose process works in the directory that this session needs for itself, or that others have for themselves. */
  inTheWayOf(claim: Claim): SessionId | null {
    return this.#claims.inTheWayOf(claim);
  }

  /** The process keeps its session, but nothing is done with it. */
  leaveAlone(id: ProcessId, refusal: AppError): void {
    this.#followed.delete(id);
    for (const [sessionId, { processId }] of this.#held) if (processId === id) this.#leftAlone.set(sessionId, refusal);
  }

  /** Throws where the process of this session is left alone. */
  refuseLeftAlone(sessionId: SessionId): void {
    const refusal = this.#leftAlone.get(sessionId);
    if (refusal !== undefined) throw refusal;
  }

  release(id: ProcessId): void {
    this.#followed.delete(id);
    for (const [sessionId, { processId, claim }] of this.#held) {
      if (processId !== id) continue;
      this.#held.delete(sessionId);
      this.#claims.remove(claim);
      this.#leftAlone.delete(sessionId);
    }
  }

  /** The process whose open turn is this run's. */
  ofRun(runId: RunId): SupervisedProcess | undefined {
    return this.all().find((process) => process.turn?.run.id === runId);
  }

  ofSession(sessionId: SessionId): SupervisedProcess | undefined {
    const held = this.#held.get(sessionId);
    return held === undefined ? undefined : this.#followed.get(held.processId);
  }

  all(): SupervisedProcess[] {
    return [...this.#followed.values()];
  }
}
