import type { Conclusion } from '../agents/driver.ts';
import type { Usage } from '../contracts/usage.ts';
import type { RunState, RunVerb } from '../contracts/run-state.ts';
import { moveRun } from '../domain/run-states.ts';
import { addUsage } from '../contracts/usage.ts';
import type { AppendedEvent } from '../log/event-log.ts';
import type { AttemptRow, RunRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';

/** Events and the rows that follow from them, still to be committed. */
export interface Change {
  readonly events: readonly AppendedEvent[];
  readonly writes: readonly Write[];
}

/** The open turn of a process: one attempt at one run, as it stands after everything that was appended. */
export class Turn {
  readonly attempt: AttemptRow;
  #run: RunRow;

  constructor(run: RunRow, attempt: AttemptRow) {
    this.#run = run;
    this.attempt = attempt;
  }

  get run(): RunRow {
    return this.#run;
  }

  /** What the driver calls this turn by. */
  get key(): string {
    return `turn-${this.attempt.id}`;
  }

  /** What ties an event to this turn. */
  get ids() {
    return { runId: this.#run.id, attemptId: this.attempt.id };
  }

  move(state: RunState, at: string): Change {
    return this.#patch({ state: moveRun(this.#run.state, state), since: at });
  }

  request(verb: RunVerb): Change {
    const { writes } = this.#patch({ requestedVerb: verb });
    return { events: [{ type: 'run.verb_requested', data: { verb }, runId: this.#run.id }], writes };
  }

  recordUsage(usage: Usage): Change {
    return this.#patch({ usage: addUsage(this.#run.usage, usage) });
  }

  /** Ends the attempt and its run. A stop that was asked for is what ended it, unless the agent had finished all the same. */
  end(conclusion: Conclusion, at: string): Change {
    const isStop = this.#run.requestedVerb === 'stop' && conclusion.outcome !== 'succeeded';
    const { outcome, reason, message, answer, answerSource } = isStop
      ? { ...conclusion, outcome: 'stopped' as const, reason: null, message: 'Stopped on request' }
      : conclusion;
    const ended = { outcome, reason, message };
    const run = this.#patch({
      state: moveRun(this.#run.state, outcome),
      since: at,
      requestedVerb: null,
      reason,
      message,
      answer,
      answerSource,
      endedAt: at,
    });
    return {
      events: [
        { type: 'attempt.ended', data: ended, ...this.ids },
        { type: 'run.ended', data: { ...ended, answer, answerSource }, runId: this.#run.id },
      ],
      writes: [{ table: 'attempts', id: this.attempt.id, patch: { outcome, reason, endedAt: at } }, ...run.writes],
    };
  }

  #patch(patch: Partial<Omit<RunRow, 'id'>>): Change {
    this.#run = { ...this.#run, ...patch };
    return { events: [], writes: [{ table: 'runs', id: this.#run.id, patch }] };
  }
}
