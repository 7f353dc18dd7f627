import type { ProcessId, RunId, SessionId } from '../contracts/ids.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** The processes that this server follows. A session has at most one. */
export class LiveProcesses {
  readonly #bySession = new Map<SessionId, SupervisedProcess>();

  get count(): number {
    return this.#bySession.size;
  }

  has(sessionId: SessionId): boolean {
    return this.#bySession.has(sessionId);
  }

  add(process: SupervisedProcess): void {
    this.#bySession.set(process.session.id, process);
  }

  delete(process: SupervisedProcess): void {
    if (this.#bySession.get(process.session.id) === process) this.#bySession.delete(process.session.id);
  }

  /** The process whose open turn is this run's. */
  ofRun(runId: RunId): SupervisedProcess | undefined {
    return this.all().find((process) => process.turn?.run.id === runId);
  }

  byId(): ReadonlyMap<ProcessId, SupervisedProcess> {
    return new Map(this.all().map((process) => [process.id, process]));
  }

  all(): SupervisedProcess[] {
    return [...this.#bySession.values()];
  }
}
