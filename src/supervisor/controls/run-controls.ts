import type { PermissionId, RunId, UserId } from '../../contracts/ids.ts';
import type { AnswerPermission, PermissionResolver } from '../../contracts/permission.ts';
import type { EventData } from '../../contracts/events.ts';
import type { RunVerb } from '../../contracts/run-state.ts';
import { isReached, possibleVerbs } from '../../domain/run-states.ts';
import type { Identity } from '../../holder/identity.ts';
import { AppError } from '../../kernel/app-error.ts';
import { failpoint } from '../../kernel/failpoint.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { PermissionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Conversation } from '../process/conversation.ts';
import type { Parts } from '../parts.ts';
import { Deadlines } from '../permissions/deadlines.ts';
import { answerWrites } from '../permissions/answer-writes.ts';
import { remainingMs } from '../permissions/remaining.ts';
import { Interruption } from './interruption.ts';
import { RunPause } from './run-pause.ts';
import { TreeStop } from './tree-stop.ts';
import type { Turn } from '../process/turn.ts';
import { wrongState } from './wrong-state.ts';

export type ControlVerb = Exclude<RunVerb, 'cancel'>;

/** The process whose run is controlled, as far as controlling it needs. */
export interface Controlled {
  readonly directory: string;
  readonly conversation: Conversation;
  /** Null until it is proven that the agent runs. */
  identity(): Identity | null;
  isDetached(): boolean;
  /** A run that waits is to take the place of this one. */
  isReplaced(runId: RunId): boolean;
  /**
   * On disk when it resolves; where it need not outlive the machine, only stored. Where it rejects, what is in memory is not to be trusted
   * any more, and this server has let go of the process. `isDurable` defaults to true.
   */
  append(events: readonly AppendedEvent[], writes: readonly Write[], isDurable?: boolean): Promise<void>;
  /** What is in memory is not to be trusted any more. */
  lose(error: unknown): void;
}

/**
 * What can be asked of the run that is going: each verb is recorded, carried out, and where its effect can be proven that is recorded,
 * too. A server that dies in between leaves the verb to its successor.
 */
export class RunControls {
  readonly #parts: Pick<Parts, 'config' | 'clock' | 'newId' | 'logger'>;
  readonly #process: Controlled;
  readonly #stop: TreeStop;
  readonly #pause: RunPause;
  readonly #interruption: Interruption;
  readonly #deadlines: Deadlines;
  /** What was asked last: who asks the same again waits for it, too. */
  #requested: Promise<void> = Promise.resolve();

  constructor(parts: Pick<Parts, 'config' | 'clock' | 'newId' | 'logger'>, process: Controlled) {
    const { config, clock, logger } = parts;
    const { directory } = process;
    this.#parts = parts;
    this.#process = process;
    this.#stop = new TreeStop({ directory, graceMs: config.stopGraceMs, logger });
    this.#deadlines = new Deadlines(clock, (id) => void this.#giveDefault(id));
    this.#pause = new RunPause(parts, process, this.#deadlines);
    this.#interruption = new Interruption({ directory, clock, logger });
  }

  get isStopping(): boolean {
    return this.#stop.isWanted;
  }

  /** Stops the whole tree, whatever is open in it. */
  stopNow(): void {
    this.#stop.now();
  }

  /** Asking again changes nothing. Throws `wrong_state` where the verb makes no sense any more. */
  async request(verb: ControlVerb): Promise<void> {
    this.#refuseDetached();
    const { turn } = this.#process.conversation;
    if (turn === null || turn.run.requestedVerb === verb) return this.#requested;
    // In memory it is so a moment before it is stored.
    if (isReached(turn.run, verb)) return this.#requested;
    if (!possibleVerbs(turn.run).includes(verb)) throw wrongState(turn.run, verb);
    this.#requested = this.#carryOut(turn, verb);
    await this.#requested;
  }

  /** The turn is to end, for another takes its place: one that stands still has to move for that. */
  async makeWay(): Promise<void> {
    const requested = this.#process.conversation.turn?.run.requestedVerb;
    if (requested === 'interrupt' || requested === 'stop') return;
    if (this.#process.conversation.turn?.run.state === 'paused') await this.request('resume');
    await this.request('interrupt');
  }

  /** Says something into the running turn; the writes are committed with it. */
  async steer(said: { readonly key: string; readonly prompt: string }, writes: readonly Write[]): Promise<void> {
    this.#refuseDetached();
    const { conversation } = this.#process;
    const { turn } = conversation;
    // While it is paused, or waits to be told something, it is kept for it.
    if (turn === null || turn.run.requestedVerb === 'stop' || turn.run.requestedVerb === 'interrupt') {
      throw new AppError(
        'wrong_state',
        'No turn is going on that the prompt could be said into; send it with mode "queue"',
      );
    }
    const steered = conversation.steer(turn, said);
    await this.#process.append(steered.events, [...writes, ...steered.writes]);
  }

  /** Passes on what is typed at its terminal; a tree that is frozen gets it when it moves again. */
  async type(text: string): Promise<void> {
    this.#refuseDetached();
    const { conversation } = this.#process;
    const writes = conversation.turn === null || this.#stop.isWanted ? [] : conversation.type(text);
    if (writes.length === 0) {
      throw new AppError('wrong_state', 'The run is over, or on its way there: nothing can be typed any more');
    }
    // No longer than the machine lives the program that it is typed for.
    await this.#process.append([], writes, false);
  }

  /** Throws `already_resolved` where an answer came before. */
  async answer(
    id: PermissionId,
    answer: AnswerPermission,
    who: { readonly by: PermissionResolver; readonly userId: UserId | null },
  ): Promise<PermissionRow> {
    this.#refuseDetached();
    const { conversation } = this.#process;
    const { questions, session } = conversation;
    const further = answerWrites(this.#parts, session, questions.find(id), answer, who);
    const { row, events, writes } = conversation.answer(id, answer, who.by);
    this.#deadlines.clear(id);
    conversation.session = further.session;
    await this.#process.append([...events, ...further.events], [...writes, ...further.writes]);
    return row;
  }

  /** The run has gone beyond a limit, and is stopped for it: when that is recorded, so that it is known what for. */
  async reachLimit(turn: Turn, verdict: EventData<'run.limit_reached'>): Promise<void> {
    if (turn.run.endedFor !== null) return;
    const { events, writes } = turn.reachLimit(verdict);
    await this.#process.append(events, writes);
    this.#stop.now();
  }

  /** A process is taken up: what was asked of its turn before still counts. */
  adopt(): void {
    const { turn } = this.#process.conversation;
    const identity = this.#process.identity();
    if (identity === null) return;
    this.#pause.adopt(turn, identity);
    if (turn === null) return;
    const { requestedVerb, endedFor } = turn.run;
    if (requestedVerb === 'stop' || endedFor !== null) this.#stop.now();
    if (requestedVerb === 'interrupt') this.#interruption.await(this.#parts.config.interruptGraceMs);
    this.watchQuestions();
  }

  /** Does again what could not be done or proven. */
  repeat(): void {
    this.#stop.repeat();
    this.#interruption.repeat();
    const { turn } = this.#process.conversation;
    const identity = this.#process.identity();
    if (turn === null || identity === null || this.#stop.isWanted) return;
    this.#pause.repeat(turn, identity);
    if (this.#process.isReplaced(turn.run.id)) {
      this.makeWay().catch((error: unknown) => this.#parts.logger.info({ err: error }, 'Nothing to interrupt yet'));
    }
  }

  /** Gives every question that is new its deadline. */
  watchQuestions(): void {
    const { questions, turn } = this.#process.conversation;
    if (questions.count === 0 || turn === null) return;
    const frozenAt = turn.run.state === 'paused' ? turn.run.since : null;
    for (const row of questions.pending) {
      if (!this.#deadlines.has(row.id))
        this.#deadlines.set(row.id, remainingMs(row, frozenAt ?? toTimestamp(this.#parts.clock)));
    }
  }

  /** The turn has ended: nothing that was asked of it counts any more, and the tree is to move again. */
  turnEnded(): void {
    this.detach();
    this.#pause.turnEnded(this.#process.identity());
    this.#requested = Promise.resolve();
  }

  /** Nothing more is done by this server. */
  detach(): void {
    this.#interruption.callOff();
    this.#deadlines.stop();
  }

  async #carryOut(turn: Turn, verb: ControlVerb): Promise<void> {
    const { conversation } = this.#process;
    const words = verb === 'interrupt' ? conversation.interrupt(turn) : [];
    const { events, writes } = turn.request(verb);
    const recorded = this.#process.append(events, [...writes, ...words]);
    // Not after the commit: what fills the disk that the commit waits for may be this very agent.
    if (verb === 'stop') this.#stop.now();
    await recorded;
    failpoint('verb-recorded');
    if (conversation.turn !== turn) return;
    if (verb === 'interrupt') this.#interruption.await(words.length === 0 ? 0 : this.#parts.config.interruptGraceMs);
    const identity = this.#process.identity();
    if ((verb === 'pause' || verb === 'resume') && identity !== null) await this.#pause.settle(turn, verb, identity);
  }

  async #giveDefault(id: PermissionId): Promise<void> {
    const row = this.#process.conversation.questions.pending.find((one) => one.id === id);
    if (row === undefined || this.#process.isDetached()) return;
    const message = 'Nobody answered in time';
    await this.answer(id, { decision: row.otherwise, message }, { by: 'deadline', userId: null }).catch(
      (error: unknown) =>
        this.#parts.logger.error({ err: error, permissionId: id }, 'Could not give the default answer'),
    );
  }

  #refuseDetached(): void {
    if (!this.#process.isDetached()) return;
    throw new AppError('shutting_down', 'The run is being taken up again; ask again in a moment');
  }
}
