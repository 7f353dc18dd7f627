import type { Launch } from '../../agents/driver.ts';
import type { ProcessId } from '../../contracts/ids.ts';
import type { SessionProcess } from '../../contracts/resources.ts';
import { expire } from '../../holder/control.ts';
import type { Identity } from '../../holder/identity.ts';
import { readIdentity } from '../../holder/identity.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import { processFiles } from '../../holder/process-directory.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import { failpoint } from '../../kernel/failpoint.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { PermissionRow, ProcessRow, SessionRow, StdinRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Draft } from './conversation.ts';
import { Conversation } from './conversation.ts';
import { isBeyondLimit, judgeOutput } from './output-limit.ts';
import type { Parts } from '../parts.ts';
import type { ProcessEnd } from './process-end.ts';
import { findEnd, sweepLostTree, unknownEnd } from './process-end.ts';
import type { Round } from './reading/news-pump.ts';
import { NewsPump } from './reading/news-pump.ts';
import type { LogsRead } from './reading/process-logs.ts';
import { hasAnything, nothingRead, ProcessLogs } from './reading/process-logs.ts';
import { causeOf, exitOf } from './process-exit.ts';
import type { ProcessHooks } from './process-hooks.ts';
import { processDirectory } from './process-place.ts';
import type { ReadyProfile } from '../profiles.ts';
import { spawnAgent } from './spawn-agent.ts';
import { StdinSpool } from './stdin-spool.ts';
import { canStayWarm } from '../dispatch/warm-pool.ts';
import { Rest } from './rest.ts';
import { RunControls } from '../controls/run-controls.ts';
import { RunHealth } from './run-health.ts';
import { terminalKind } from '../terminal/terminal-kind.ts';
import type { Turn } from './turn.ts';

export interface SupervisedProcessOptions {
  readonly parts: Parts;
  readonly row: ProcessRow;
  readonly session: SessionRow;
  readonly profile: ReadyProfile;
  /** Null where the turn has ended and the process is only on its way out. */
  readonly turn: Turn | null;
  readonly hooks: ProcessHooks;
}

/**
 * One life of an agent, from before its holder is spawned until nothing of it is left. What it prints is read, translated and
 * appended in batches, each with the offset it came from, so that another server can go on at any point. State in memory is
 * changed in the same tick in which the change is appended; effects follow the commit.
 */
export class SupervisedProcess {
  readonly id: ProcessId;
  readonly files: ProcessFiles;
  readonly row: ProcessRow;
  readonly #parts: Parts;
  readonly #hooks: ProcessHooks;
  readonly conversation: Conversation;
  readonly #logs: ProcessLogs;
  readonly #stdin: StdinSpool;
  readonly controls: RunControls;
  readonly health: RunHealth;
  readonly #pump: NewsPump;
  readonly #wasStarted: boolean;
  readonly #rest: Rest;
  #hasSpoken: boolean;
  /** Set when the holder's files have proven that the agent runs. */
  #identity: Identity | null = null;
  #isDetached = false;
  #isExpiryOff = true;

  constructor({ parts, row, session, profile, turn, hooks }: SupervisedProcessOptions) {
    const directory = processDirectory(parts.config.dataDir, row.id);
    this.id = row.id;
    this.row = row;
    this.#rest = new Rest({
      idleSince: row.idleSince,
      clock: parts.clock,
      closeGraceMs: parts.config.closeGraceMs,
      stop: () => this.controls.stopNow(),
    });
    this.#hasSpoken = row.outOffset + row.errOffset > 0;
    this.files = processFiles(directory);
    this.#parts = parts;
    this.#hooks = hooks;
    this.#wasStarted = row.state === 'running';
    this.#pump = new NewsPump(this.files, parts.clock, {
      look: (round) => this.#round(round),
      onError: (error) => this.#lose(error),
      onNews: () => hooks.onNews(this),
    });
    const isScreen = terminalKind(profile.driver, row.transport) === 'screen';
    this.#logs = new ProcessLogs(row, this.files, parts.clock, isScreen);
    const ids = { processId: row.id, sessionId: session.id };
    this.#stdin = new StdinSpool({ ...ids, directory, offset: row.stdinOffset });
    const { driverState, transport } = row;
    const staysWarm = (): boolean => canStayWarm(parts.config, profile) && !this.controls.isStopping;
    const said = { processId: row.id, session, driverState, transport, turn, stdin: this.#stdin, staysWarm };
    this.conversation = new Conversation({ ...parts, ...said, profile });
    this.health = new RunHealth(parts.clock, profile.limits);
    this.controls = new RunControls(parts, {
      directory,
      conversation: this.conversation,
      identity: () => this.#identity,
      isDetached: () => this.#isDetached,
      append: (events, writes, isDurable = true) => {
        this.health.tell(events);
        return this.#appendOrLose(events, writes, isDurable);
      },
      isReplaced: (runId) => hooks.isReplaced(this, runId),
      lose: (error) => this.#lose(error),
    });
  }

  get turn(): Turn | null {
    return this.conversation.turn;
  }

  get session(): SessionRow {
    return this.conversation.session;
  }

  /** It has no turn and waits for the next. */
  get isIdle(): boolean {
    return this.turn === null && this.#rest.idleSince !== null && !this.#isDetached && !this.controls.isStopping;
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  /** What it is at, and since when. */
  get status(): Pick<SessionProcess, 'state' | 'since'> {
    const { turn } = this;
    const since = this.#rest.idleSince ?? turn?.run.since ?? this.row.startedAt;
    if (this.#identity === null || (turn === null && !this.#hasSpoken)) return { state: 'starting', since };
    if (turn === null) return { state: this.isIdle ? 'warm' : 'leaving', since };
    return { state: turn.run.state === 'paused' ? 'paused' : 'working', since };
  }

  /** Takes up the messages that an earlier server committed, and writes those that it may not have written. */
  restore(messages: readonly StdinRow[], questions: readonly PermissionRow[]): void {
    this.conversation.questions.restore(questions);
    this.#stdin.restore(messages, this.#wasStarted);
    this.#stdin.tryToFlush(this.#parts.logger);
  }

  /** Spawns the holder, in a directory that exists; a second call, by this server or the next, starts nothing twice. */
  async launch(launch: Launch, firstMessages: readonly Write[]): Promise<void> {
    if (this.#isDetached) return;
    if (this.turn !== null) this.health.begin(this.turn.run);
    try {
      this.#stdin.commit(firstMessages);
      this.#stdin.flush();
    } catch (error) {
      await this.abandon({ errno: (error as NodeJS.ErrnoException).code ?? 'EIO', stage: 'spool' });
      return;
    }
    const launched = await spawnAgent(this.#parts, this.row, this.session, launch, () => this.#pump.noticed(null));
    failpoint('holder-spawned');
    // With an identity on disk the agent may have run: then its files say what became of it.
    if (launched.status === 'failed' && readIdentity(this.files.directory) === null) await this.abandon(launched);
    else this.follow();
  }

  /** Reads on, from where the last commit ended, and watches for what comes. */
  follow(): void {
    if (this.#isDetached) return;
    if (this.turn === null && !this.isIdle) this.#rest.closeInTime();
    this.#pump.start();
  }

  /** Ends a process whose agent was never executed. */
  async abandon(startFailure: { readonly errno: string; readonly stage: string }): Promise<void> {
    if (!this.#isDetached) await this.#finish({ ...unknownEnd, startFailure }, nothingRead);
  }

  /**
   * Gives the process, which has none, its next turn; the writes and events are committed with it. What is in memory changes at once, so
   * that nobody else takes it.
   */
  async openTurn(turn: Turn, events: readonly AppendedEvent[], writes: readonly Write[]): Promise<void> {
    this.#rest.end();
    const messages = this.conversation.openTurn(turn);
    this.#isExpiryOff = expire(this.files.directory, 0);
    this.health.begin(turn.run);
    await this.#appendOrLose(events, [...writes, ...messages], true);
  }

  /** Has the process leave, which has no turn: its input ends, and if that is not enough its tree is stopped. */
  async retire(): Promise<void> {
    if (!this.isIdle) return;
    this.#rest.leave();
    await this.#appendOrLose([], this.conversation.close()).catch(() => undefined);
  }

  /** The server leaves; the agent goes on. */
  detach(): void {
    this.#isDetached = true;
    this.#pump.stop();
    this.#rest.detach();
    this.controls.detach();
    this.#logs.close();
  }

  /** What is in memory is not to be trusted any more: it was changed in the belief that it would be stored. */
  #lose(error: unknown): void {
    if (this.#isDetached) return;
    this.detach();
    this.#hooks.onLost(this, error);
  }

  async #round({ streams, mayHaveEnded }: Round): Promise<void> {
    // Looked up before the logs are read: what is read after it is all there will ever be.
    const end = mayHaveEnded ? findEnd(this.files, this.#wasStarted || this.#identity !== null, this.#identity) : null;
    if (mayHaveEnded) this.#sweep();
    if (this.#identity === null) await this.#confirm(end);
    const read = this.#logs.read(end === null ? streams : undefined);
    if (end !== null && !read.hasMore) {
      await this.#finish(end, read);
      return;
    }
    if (end !== null) this.#pump.news.addAll();
    else if (read.hasMore) this.#pump.news.addStreams(streams);
    if (read.pieces.length + read.events.length > 0) await this.#take(read);
    if (mayHaveEnded) this.#checkLimits(read.hasMore);
  }

  /** Does again what a full disk or a full FIFO may have kept from being done. */
  #sweep(): void {
    this.#stdin.tryToFlush(this.#parts.logger);
    if (isBeyondLimit(this.files, this.#parts.config)) this.controls.stopNow();
    else this.controls.repeat();
    // Or its holder would end it in the middle of its work.
    if (!this.#isExpiryOff && this.turn !== null) this.#isExpiryOff = expire(this.files.directory, 0);
  }

  /** With something still to be read only its whole time is judged: a slow server must not take its own silence for the agent's. */
  #checkLimits(hasMore: boolean): void {
    const { turn } = this;
    if (turn === null || this.#identity === null || this.#isDetached) return;
    const verdict = this.health.check(this.#identity);
    if (verdict === null || (hasMore && verdict.limit !== 'total')) return;
    this.controls.reachLimit(turn, verdict).catch((error: unknown) => this.#lose(error));
  }

  /** Records once that the agent runs, when the holder's files prove it. */
  async #confirm(end: ProcessEnd | null): Promise<void> {
    const identity = (this.#identity = readIdentity(this.files.directory));
    if (identity === null) return;
    if (end !== null && (this.#wasStarted || end.startFailure !== null)) return;
    const pid = identity.agent.pid;
    const type = this.#wasStarted ? 'process.adopted' : 'process.started';
    const writes: Write[] = [{ table: 'processes', id: this.id, patch: { state: 'running', agentPid: pid } }];
    if (this.turn?.run.state === 'starting') writes.push(...this.turn.move('running', this.#now()).writes);
    await this.#append([{ type, data: { processId: this.id, pid }, ...this.turn?.ids }], writes);
    failpoint('start-recorded');
    if (this.#wasStarted) {
      this.#hooks.onRead(this, this.#logs.offsets);
      if (this.turn !== null) this.health.begin(this.turn.run, this.#hasSpoken);
    }
    this.controls.adopt();
    this.#restWithoutTurn();
  }

  async #take({ pieces, events, isFrameComplete }: LogsRead): Promise<void> {
    const draft: Draft = { events: this.conversation.own(events), writes: [] };
    const before = this.turn;
    this.#hasSpoken = true;
    this.conversation.take(pieces, draft);
    this.health.took(draft.events);
    draft.writes.push(this.#progress());
    failpoint('output-read');
    await this.#append(draft.events, draft.writes);
    failpoint('output-committed');
    if (isFrameComplete) this.#hooks.onRead(this, this.#logs.offsets);
    this.controls.watchQuestions();
    if (before !== null && this.turn === null) {
      this.controls.turnEnded();
      if (!this.#stdin.isClosed) this.#rest.begin(this.#now());
      this.#restWithoutTurn();
    }
  }

  /** What is done when the process has no turn: it waits for the next, or leaves. */
  #restWithoutTurn(): void {
    if (this.turn !== null || this.#isDetached) return;
    if (this.isIdle) this.#hooks.onIdle(this);
    else this.#rest.closeInTime();
  }

  async #finish(end: ProcessEnd, { pieces, events }: LogsRead): Promise<void> {
    failpoint('end-found');
    if (end.isHolderLost) await sweepLostTree(this.#parts, this.id, this.files);
    const draft: Draft = { events: this.conversation.own(events), writes: [] };
    this.conversation.take(pieces, draft);
    // A tree that was swept may have written until it died.
    for (let read = this.#logs.read(); hasAnything(read); read = this.#logs.read()) {
      draft.events.push(...this.conversation.own(read.events));
      this.conversation.take(read.pieces, draft);
    }
    this.conversation.take(this.#logs.rest(), draft);
    // Nothing is begun on it any more: its end is on its way to the store.
    this.#rest.end();
    const { turn } = this;
    const judged = judgeOutput(end, this.files, this.#parts.config);
    const exit = exitOf(this.id, end, causeOf(judged, turn?.run ?? null, this.#rest.farewell), this.#now());
    this.conversation.end(judged, draft);
    draft.events.push({ type: 'process.exited', data: exit.data, ...turn?.ids });
    draft.writes.push(this.#progress(), exit.write);
    await this.#append(draft.events, draft.writes, true);
    this.detach();
    this.#hooks.onExited(this);
  }

  #progress(): Write {
    return { table: 'processes', id: this.id, patch: { ...this.#logs.offsets, ...this.conversation.changed() } };
  }

  async #append(events: readonly AppendedEvent[], writes: readonly Write[], isDurable = false): Promise<void> {
    if (this.turn !== null) this.health.stateChanged(this.turn.run);
    await this.#parts.log.append({ sessionId: this.row.sessionId, events, writes, isDurable });
    this.#stdin.commit(writes);
    if (!this.#isDetached) this.#stdin.tryToFlush(this.#parts.logger);
  }

  async #appendOrLose(events: readonly AppendedEvent[], writes: readonly Write[], isDurable = false): Promise<void> {
    try {
      await this.#append(events, writes, isDurable);
    } catch (error) {
      this.#lose(error);
      throw error;
    }
  }

  #now(): string {
    return toTimestamp(this.#parts.clock);
  }
}
