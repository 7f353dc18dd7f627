import type { Conclusion, Driver, Intent } from '../agents/driver.ts';
import type { ProcessId, SessionId } from '../contracts/ids.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import type { Clock } from '../kernel/clock.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { AppendedEvent } from '../log/event-log.ts';
import type { Write } from '../store/store.ts';
import { readDriverState, writeDriverState } from './driver-state.ts';
import { joinOutput } from './join-output.ts';
import type { LineSource, TranslatedLine } from './line-events.ts';
import { translateLine } from './line-events.ts';
import type { ProcessEnd } from './process-end.ts';
import { concludeEnd, failed } from './process-end.ts';
import type { LogPiece } from './process-logs.ts';
import type { ReadyProfile } from './profiles.ts';
import type { StdinSpool } from './stdin-spool.ts';
import type { Change, Turn } from './turn.ts';

export interface ConversationOptions {
  readonly processId: ProcessId;
  readonly sessionId: SessionId;
  readonly profile: ReadyProfile;
  /** As stored with the process. */
  readonly driverState: string;
  readonly nativeSessionId: string | null;
  readonly turn: Turn | null;
  readonly stdin: StdinSpool;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is to be appended, gathered piece by piece. */
export interface Draft {
  readonly events: AppendedEvent[];
  readonly writes: Write[];
}

/**
 * What is said between Drover and one agent: the translator's state, the turn that is open, and what follows from each line. It
 * decides and keeps; reading, appending and whatever acts on the world is done by the process that it belongs to.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #driver: Driver;
  readonly #source: LineSource;
  #turn: Turn | null;
  #state: unknown;
  #writtenState: unknown;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#driver = options.profile.driver;
    const { processId, logger } = options;
    this.#source = { driver: this.#driver, processId, logger };
    this.#turn = options.turn;
    this.#state = readDriverState(options.driverState, this.#driver, options.nativeSessionId);
  }

  get turn(): Turn | null {
    return this.#turn;
  }

  /** What is new for the row of the process since the last call: mostly nothing, where a driver has nothing to remember of a line. */
  changed(): { readonly driverState?: string } {
    if (this.#state === this.#writtenState) return {};
    this.#writtenState = this.#state;
    return { driverState: writeDriverState(this.#state, this.#driver) };
  }

  /** The messages that open the process and its turn. */
  open(prompt: string): Write[] {
    const messages = this.#turn === null ? [] : [this.#driver.prompt({ key: this.#turn.key, prompt })];
    return [...this.#driver.opening(), ...messages].flatMap((message) => this.#options.stdin.add(message));
  }

  take(pieces: readonly LogPiece[], draft: Draft): void {
    for (const piece of pieces) {
      for (const line of piece.lines) this.#takeLine(translateLine(this.#source, this.#state, piece, line), draft);
    }
  }

  /** Ends the turn that is still open when the process has gone. */
  end(end: ProcessEnd, draft: Draft): void {
    if (this.#turn !== null) this.#endTurn(this.#conclude(end), draft);
  }

  /** Records what was asked of the open turn; an interrupt goes to the agent in its own words. */
  request(turn: Turn, verb: Exclude<RunVerb, 'cancel'>): Change {
    const messages = verb === 'interrupt' ? [this.#driver.interrupt(turn)] : [];
    const { events, writes } = turn.request(verb);
    return { events, writes: [...writes, ...messages.flatMap((message) => this.#options.stdin.add(message))] };
  }

  #takeLine({ state, events, intents }: TranslatedLine, draft: Draft): void {
    this.#state = state;
    for (const event of events) {
      if (event.type === 'agent.output' && joinOutput(draft.events, event)) continue;
      draft.events.push({ ...event, ...this.#turn?.ids });
      if (event.type === 'usage.recorded') draft.writes.push(...(this.#turn?.recordUsage(event.data).writes ?? []));
    }
    for (const intent of intents) this.#carryOut(intent, draft);
  }

  /** A driver that throws has a bug; its run ends all the same. */
  #conclude(end: ProcessEnd): Conclusion {
    try {
      return concludeEnd(end, this.#driver, this.#state);
    } catch (error) {
      const { processId, logger } = this.#options;
      logger.error({ err: error, processId, driver: this.#driver.name }, 'The driver failed to conclude a turn');
      return failed('internal', 'Drover could not tell how the agent ended; see the log of the server');
    }
  }

  #carryOut(intent: Intent, { events, writes }: Draft): void {
    const { stdin, sessionId, profile } = this.#options;
    switch (intent.type) {
      case 'native_session_opened':
        writes.push({ table: 'sessions', id: sessionId, patch: { nativeSessionId: intent.nativeSessionId } });
        return;
      case 'permission_requested': {
        const { permissionId, answers } = intent;
        const decision = profile.permissions;
        const answer = stdin.add({ key: `permission-${permissionId}`, text: answers[decision] });
        // Asked when its input has ended, or asked twice: nothing that we say now would reach it.
        if (answer.length === 0) return;
        writes.push(...answer);
        const data = { permissionId, decision, by: 'policy' as const };
        events.push({ type: 'permission.resolved', data, ...this.#turn?.ids });
        return;
      }
      case 'turn_ended':
        this.#endTurn(intent, { events, writes });
        // For now a process holds one turn (docs/adr/0003).
        writes.push(...stdin.addEnd());
    }
  }

  #endTurn(conclusion: Conclusion, { events, writes }: Draft): void {
    if (this.#turn === null) return;
    const ended = this.#turn.end(conclusion, toTimestamp(this.#options.clock));
    events.push(...ended.events);
    const patch = { openRunId: null, openAttemptId: null };
    writes.push(...ended.writes, { table: 'processes', id: this.#options.processId, patch });
    this.#turn = null;
  }
}
