import type { Answer, Conclusion, Driver, Intent, LastWords, Question } from '../../agents/driver.ts';
import type { PermissionId, ProcessId } from '../../contracts/ids.ts';
import type { PermissionResolver } from '../../contracts/permission.ts';
import type { RunState } from '../../contracts/run-state.ts';
import type { Transport } from '../../contracts/transport.ts';
import type { Clock } from '../../kernel/clock.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { PermissionRow, SessionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import { readDriverState, writeDriverState } from './driver-state.ts';
import { joinOutput } from './join-output.ts';
import type { LineSource, TranslatedLine } from './line-events.ts';
import { spokenLines, translateLine } from './line-events.ts';
import { Questions } from '../permissions/questions.ts';
import type { ProcessEnd } from './process-end.ts';
import { concludeEnd, failed } from './process-end.ts';
import type { LogPiece } from './reading/process-logs.ts';
import type { ReadyProfile } from '../profiles.ts';
import type { StdinSpool } from './stdin-spool.ts';
import type { Change, Turn } from './turn.ts';

export interface ConversationOptions {
  readonly processId: ProcessId;
  readonly session: SessionRow;
  readonly profile: ReadyProfile;
  /** Of the process; that of the profile may have changed since. */
  readonly transport: Transport;
  /** As stored with the process. */
  readonly driverState: string;
  readonly turn: Turn | null;
  readonly stdin: StdinSpool;
  /** Whether the process is to take another turn when one has ended. */
  readonly staysWarm: () => boolean;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

/** What is to be appended, gathered piece by piece. */
export interface Draft {
  readonly events: AppendedEvent[];
  readonly writes: Write[];
}

/**
 * What is said between Drover and one agent: the translator's state, the turn that is open, what the agent waits to be told, and what
 * follows from each line. It decides and keeps; reading, appending and whatever acts on the world is done by the process that it
 * belongs to.
 */
export class Conversation {
  readonly questions: Questions;
  /** As it is now: its policy may change while the process lives. */
  session: SessionRow;
  readonly #options: ConversationOptions;
  readonly #driver: Driver;
  readonly #source: LineSource;
  #turn: Turn | null;
  #state: unknown;
  #writtenState: unknown;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#driver = options.profile.driver;
    const { processId, logger, session, transport } = options;
    this.session = session;
    this.questions = new Questions(options);
    this.#source = { driver: this.#driver, processId, logger, isTerminal: transport === 'pty' };
    this.#turn = options.turn;
    this.#state = readDriverState(options.driverState, this.#driver, session.nativeSessionId, processId);
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

  /** The messages that open the process, and its turn where it has one from the beginning. */
  open(): Write[] {
    // In this order, in which they get their places: the last place that is written is where the next server goes on.
    const opening = this.#driver.opening().flatMap((message) => this.#options.stdin.add(message));
    return this.#turn === null ? opening : [...opening, ...this.#prompt(this.#turn)];
  }

  /** The process takes another turn. */
  openTurn(turn: Turn): Write[] {
    this.#turn = turn;
    const patch = { openRunId: turn.run.id, openAttemptId: turn.attempt.id, idleSince: null };
    return [...this.#prompt(turn), { table: 'processes', id: this.#options.processId, patch }];
  }

  /** The end of what the agent is told: it is to leave. */
  close(): Write[] {
    const patch = { idleSince: null };
    return [...this.#options.stdin.addEnd(), { table: 'processes', id: this.#options.processId, patch }];
  }

  /** What is seen of the logs themselves while the turn is open belongs to it. */
  own(events: readonly AppendedEvent[]): AppendedEvent[] {
    return events.map((event) => ({ ...event, ...this.#turn?.ids }));
  }

  take(pieces: readonly LogPiece[], draft: Draft): void {
    for (const piece of pieces) {
      for (const line of spokenLines(this.#source, piece))
        this.#takeLine(translateLine(this.#source, this.#state, piece, line), draft);
    }
  }

  /** Ends the turn that is still open when the process has gone. */
  end(end: ProcessEnd, draft: Draft): void {
    if (this.#turn === null) return;
    const { events = [], ...conclusion } = this.#conclude(end);
    const { ids } = this.#turn;
    draft.events.push(...events.map((event) => ({ ...event, ...ids })));
    this.#endTurn(conclusion, draft);
  }

  /** Asks the agent in its own words to end its turn; no writes where it has none. */
  interrupt(turn: Turn): Write[] {
    const message = this.#driver.interrupt?.(turn);
    return message === undefined ? [] : this.#options.stdin.add(message);
  }

  /** Says something into the running turn. The caller knows that the driver can. */
  steer(turn: Turn, said: { readonly key: string; readonly prompt: string }): Change {
    const message = this.#driver.steer?.(turn, said);
    const events = [{ type: 'run.steered' as const, data: { prompt: said.prompt }, ...turn.ids }];
    return { events, writes: message === undefined ? [] : this.#options.stdin.add(message) };
  }

  /** What somebody types at its terminal; no writes where its input has ended. */
  type(text: string): Write[] {
    return this.#options.stdin.addTyped(text);
  }

  /** Throws `already_resolved` where an answer came before. */
  answer(id: PermissionId, answer: Answer, by: PermissionResolver): Change & { readonly row: PermissionRow } {
    const { nativeId, rawInput } = this.questions.find(id);
    // Before the question is settled: a message that cannot be made must leave it open.
    const message = this.#driver.answer?.({ permissionId: nativeId, rawInput }, answer);
    const { row, events, writes } = this.questions.resolve(id, answer.decision, by);
    const said = message === undefined ? [] : this.#options.stdin.add(message);
    const state = this.settle();
    const ids = this.#turn?.ids;
    return { row, events: events.map((event) => ({ ...event, ...ids })), writes: [...writes, ...said, ...state] };
  }

  /** The agent does by now what it wants, whatever its options were. */
  get isAllowedAll(): boolean {
    return this.#driver.isAllowedAllNow?.(this.#state) ?? false;
  }

  /** Which state the open turn has where its tree is not frozen. */
  get unfrozenState(): RunState {
    return this.questions.count > 0 ? 'awaiting_permission' : 'running';
  }

  /** Moves the run to the state that follows from what waits for an answer; a frozen one stays frozen. */
  settle(): Write[] {
    const turn = this.#turn;
    if (turn === null || !['running', 'awaiting_permission'].includes(turn.run.state)) return [];
    const state = this.unfrozenState;
    return state === turn.run.state ? [] : [...turn.move(state, toTimestamp(this.#options.clock)).writes];
  }

  #prompt(turn: Turn): Write[] {
    const { profile, transport, stdin } = this.#options;
    const said = { key: turn.key, prompt: turn.run.prompt };
    const message = this.#driver.prompt(said, { options: profile.options, transport });
    return message === null ? [] : stdin.add(message);
  }

  /** No writes: its input has ended, or it was told before. */
  #tell(question: { readonly permissionId: string; readonly rawInput: unknown }, answer: Answer): Write[] {
    const message = this.#driver.answer?.(question, answer);
    return message === undefined ? [] : this.#options.stdin.add(message);
  }

  #takeLine({ state, events, intents }: TranslatedLine, draft: Draft): void {
    this.#state = state;
    for (const event of events) {
      if (event.type === 'agent.output' && joinOutput(draft.events, event)) continue;
      if (event.type === 'permission.requested' || event.type === 'permission.resolved') {
        this.#takeQuestion(event, intents, draft);
        continue;
      }
      draft.events.push({ ...event, ...this.#turn?.ids });
      if (event.type === 'usage.recorded') draft.writes.push(...(this.#turn?.recordUsage(event.data).writes ?? []));
    }
    for (const intent of intents) this.#carryOut(intent, draft);
  }

  /** The agent asks, or takes back what it asked: told under our own name for the question. */
  #takeQuestion(
    event: Extract<TranslatedLine['events'][number], { type: 'permission.requested' | 'permission.resolved' }>,
    intents: readonly Intent[],
    { events, writes }: Draft,
  ): void {
    const intent = intents.find((one) => 'permissionId' in one && one.permissionId === event.data.permissionId);
    const ids = { ...this.#turn?.ids, ...(event.raw !== undefined && { raw: event.raw }) };
    if (event.type === 'permission.requested' && intent?.type === 'permission_requested' && !this.#isAnswered(intent)) {
      const { toolCallId, title } = event.data;
      const verdict = this.questions.ask({ ...intent, toolCallId, title }, this.session, this.#turn?.run ?? null);
      writes.push(...verdict.writes);
      const { decision, message } = verdict;
      if (decision !== null) writes.push(...this.#tell(intent, { decision, message }));
      events.push(...verdict.events.map((one) => ({ ...one, ...ids })));
    } else {
      const id = this.questions.idOf(event.data.permissionId);
      if (event.type === 'permission.requested') {
        events.push({ type: event.type, data: { ...event.data, permissionId: id }, ...ids });
      } else if (this.questions.isPending(id)) {
        this.#withdraw(id, { events, writes });
      }
    }
    writes.push(...this.settle());
  }

  /** An earlier server may have told it: under one name an agent is told one thing, once. */
  #isAnswered(question: Question): boolean {
    const message = this.#driver.answer?.(question, { decision: 'deny' });
    return message !== undefined && this.#options.stdin.knows(message.key);
  }

  #withdraw(id: PermissionId, { events, writes }: Draft): void {
    const resolved = this.questions.resolve(id, 'deny', 'agent');
    events.push(...resolved.events.map((one) => ({ ...one, ...this.#turn?.ids })));
    writes.push(...resolved.writes);
  }

  /** A driver that throws has a bug; its run ends all the same. */
  #conclude(end: ProcessEnd): LastWords {
    try {
      return concludeEnd(end, this.#driver, this.#state);
    } catch (error) {
      const { processId, logger } = this.#options;
      logger.error({ err: error, processId, driver: this.#driver.name }, 'The driver failed to conclude a turn');
      return failed('internal', 'Drover could not tell how the agent ended; see the log of the server');
    }
  }

  #carryOut(intent: Intent, { events, writes }: Draft): void {
    switch (intent.type) {
      case 'native_session_opened': {
        const { nativeSessionId } = intent;
        this.session = { ...this.session, nativeSessionId };
        writes.push({ table: 'sessions', id: this.session.id, patch: { nativeSessionId } });
        return;
      }
      case 'reply':
        writes.push(...this.#options.stdin.add(intent.message));
        return;
      case 'permission_requested':
      case 'permission_withdrawn':
        // With their events.
        return;
      case 'turn_ended':
        this.#endTurn(intent, { events, writes });
    }
  }

  #endTurn(conclusion: Conclusion, { events, writes }: Draft): void {
    if (this.#turn === null) return;
    const staysWarm = this.#options.staysWarm();
    for (const { id, nativeId, rawInput } of this.questions.pending) {
      this.#withdraw(id, { events, writes });
      // Whoever still waits in a process that stays, a subagent perhaps, must not do so for ever.
      const message = 'The run has ended';
      if (staysWarm) writes.push(...this.#tell({ permissionId: nativeId, rawInput }, { decision: 'deny', message }));
    }
    const at = toTimestamp(this.#options.clock);
    const ended = this.#turn.end(conclusion, at);
    events.push(...ended.events);
    const patch = { openRunId: null, openAttemptId: null, idleSince: staysWarm ? at : null };
    writes.push(...ended.writes, { table: 'processes', id: this.#options.processId, patch });
    if (!staysWarm) writes.push(...this.#options.stdin.addEnd());
    this.#turn = null;
  }
}
