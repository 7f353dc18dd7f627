import type { Conclusion } from '../../agents/driver.ts';
import type { EventData } from '../../contracts/events.ts';
import type { Usage } from '../../contracts/usage.ts';
import type { RunState, RunVerb } from '../../contracts/run-state.ts';
import { moveRun } from '../../domain/run-states.ts';
import { addUsage } from '../../contracts/usage.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { AttemptRow, RunRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';

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

  /** The tree stands still, as the evidence says. */
  pause(evidence: string, at: string): Change {
    return {
      events: [{ type: 'run.paused', data: { evidence }, runId: this.#run.id }],
      writes: this.#patch({ state: moveRun(this.#run.state, 'paused'), since: at, requestedVerb: null }).writes,
    };
  }

  /** It moves again, towards that state. */
  resume(state: RunState, at: string, deadlines: EventData<'run.resumed'>['deadlines'] = []): Change {
    // Never nothing: it tells a run that was resumed from one that was not paused.
    const pausedMs = this.#run.pausedMs + Math.max(1, Date.parse(at) - Date.parse(this.#run.since));
    const patch = { state: moveRun(this.#run.state, state), since: at, requestedVerb: null, pausedMs };
    return {
      events: [{ type: 'run.resumed', data: deadlines.length === 0 ? {} : { deadlines }, runId: this.#run.id }],
      writes: this.#patch(patch).writes,
    };
  }

  /** It went beyond a limit, and is to be stopped for that. */
  reachLimit({ limit, reason, message }: EventData<'run.limit_reached'>): Change {
    return {
      events: [{ type: 'run.limit_reached', data: { limit, reason, message }, runId: this.#run.id }],
      writes: this.#patch({ endedFor: { reason, message } }).writes,
    };
  }

  request(verb: RunVerb): Change {
    const { writes } = this.#patch({ requestedVerb: verb });
    return { events: [{ type: 'run.verb_requested', data: { verb }, runId: this.#run.id }], writes };
  }

  recordUsage(usage: Usage): Change {
    return this.#patch({ usage: addUsage(this.#run.usage, usage) });
  }

  /** Ends the attempt and its run. What was asked for is what ended it, unless the agent had finished all the same. */
  end(conclusion: Conclusion, at: string): Change {
    const { outcome, reason, message, answer, answerSource } = this.#judge(conclusion);
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

  #judge(conclusion: Conclusion): Conclusion {
    const { requestedVerb, endedFor } = this.#run;
    if (conclusion.outcome === 'succeeded') return conclusion;
    if (requestedVerb === 'stop') {
      return { ...conclusion, outcome: 'stopped', reason: null, message: 'Stopped on request' };
    }
    if (endedFor !== null) return { ...conclusion, outcome: 'failed', ...endedFor };
    // An agent that was interrupted may leave instead of saying how its turn ended.
    const hasLeft = conclusion.reason === 'agent_crashed' || conclusion.reason === 'no_terminal_event';
    if (requestedVerb !== 'interrupt' || !hasLeft) return conclusion;
    return {
      ...conclusion,
      outcome: 'interrupted',
      reason: null,
      message: 'Interrupted; the agent left without a word',
    };
  }

  #patch(patch: Partial<Omit<RunRow, 'id'>>): Change {
    this.#run = { ...this.#run, ...patch };
    return { events: [], writes: [{ table: 'runs', id: this.#run.id, patch }] };
  }
}
