import type { Launch } from '../agents/driver.ts';
import type { ProcessId } from '../contracts/ids.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import type { Identity } from '../holder/identity.ts';
import { readIdentity } from '../holder/identity.ts';
import type { ProcessFiles } from '../holder/process-directory.ts';
import { processFiles } from '../holder/process-directory.ts';
import { spawnHolder } from '../holder/spawn-holder.ts';
import { AppError } from '../kernel/app-error.ts';
import type { Timer } from '../kernel/clock.ts';
import { toTimestamp } from '../kernel/clock.ts';
import { failpoint } from '../kernel/failpoint.ts';
import type { AppendedEvent } from '../log/event-log.ts';
import type { ProcessRow, SessionRow, StdinRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';
import type { Draft } from './conversation.ts';
import { Conversation } from './conversation.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { isBeyondLimit, judgeOutput } from './output-limit.ts';
import type { Parts } from './parts.ts';
import type { ProcessEnd } from './process-end.ts';
import { findEnd, sweepLostTree, unknownEnd } from './process-end.ts';
import { News } from './news.ts';
import type { LogsRead } from './process-logs.ts';
import { nothingRead, ProcessLogs } from './process-logs.ts';
import type { ProcessHooks } from './process-hooks.ts';
import { processCgroup, processDirectory } from './process-place.ts';
import type { ReadyProfile } from './profiles.ts';
import { StdinSpool } from './stdin-spool.ts';
import { TreeStop } from './tree-stop.ts';
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
  readonly session: SessionRow;
  readonly files: ProcessFiles;
  readonly #parts: Parts;
  readonly #hooks: ProcessHooks;
  readonly #conversation: Conversation;
  readonly #news: News;
  readonly #logs: ProcessLogs;
  readonly #stdin: StdinSpool;
  readonly #stop: TreeStop;
  readonly #watch: DirectoryWatch;
  readonly #wasStarted: boolean;
  #closeTimer: Timer | undefined;
  /** The storing of what was asked last: who asks the same again waits for it, too. */
  #requested: Promise<void> = Promise.resolve();
  #isFollowing = false;
  /** Set when the holder's files have proven that the agent runs. */
  #identity: Identity | null = null;
  #isDetached = false;
  #isPumping = false;

  constructor({ parts, row, session, profile, turn, hooks }: SupervisedProcessOptions) {
    const { clock, logger } = parts;
    const directory = processDirectory(parts.config.dataDir, row.id);
    this.id = row.id;
    this.session = session;
    this.files = processFiles(directory);
    this.#parts = parts;
    this.#hooks = hooks;
    this.#wasStarted = row.state === 'running';
    this.#news = new News(this.files);
    this.#logs = new ProcessLogs(this.files, { out: row.outOffset, err: row.errOffset });
    const ids = { processId: row.id, sessionId: session.id };
    this.#stdin = new StdinSpool({ ...ids, directory, offset: row.stdinOffset });
    const { driverState } = row;
    const { nativeSessionId } = session;
    const said = { driverState, nativeSessionId, turn, stdin: this.#stdin };
    this.#conversation = new Conversation({ ...ids, ...said, profile, clock, logger });
    this.#stop = new TreeStop({ directory, graceMs: parts.config.stopGraceMs, logger });
    this.#watch = new DirectoryWatch(clock, (file) => this.#noticed(file));
  }

  get turn(): Turn | null {
    return this.#conversation.turn;
  }

  /** Rows for the messages that open the process and its turn, to be committed with the process itself. */
  firstMessages(prompt: string): Write[] {
    return this.#conversation.open(prompt);
  }

  /** Takes up the messages that an earlier server committed, and writes those that it may not have written. */
  restoreMessages(rows: readonly StdinRow[]): void {
    this.#stdin.restore(rows);
    this.#flushStdin();
  }

  /** Spawns the holder, in a directory that exists; a second call, by this server or the next, starts nothing twice. */
  async launch({ argv, env, stdin }: Launch, firstMessages: readonly Write[]): Promise<void> {
    if (this.#isDetached) return;
    const { holderBinary, cgroupRoot, config } = this.#parts;
    try {
      this.#stdin.commit(firstMessages);
      this.#stdin.flush();
    } catch (error) {
      await this.abandon({ errno: (error as NodeJS.ErrnoException).code ?? 'EIO', stage: 'spool' });
      return;
    }
    const launched = await spawnHolder({
      binary: holderBinary,
      directory: this.files.directory,
      mode: 'pipe',
      stdin,
      cwd: this.session.workspacePath,
      argv,
      env: { ...env, DROVER_PROCESS_ID: this.id },
      graceMs: config.stopGraceMs,
      cgroup: processCgroup(cgroupRoot, this.id),
      onExit: () => this.#noticed(null),
    });
    failpoint('holder-spawned');
    // With an identity on disk the agent may have run: then its files say what became of it.
    if (launched.status === 'failed' && readIdentity(this.files.directory) === null) await this.abandon(launched);
    else this.follow();
  }

  /** Reads on, from where the last commit ended, and watches for what comes. */
  follow(): void {
    if (this.#isDetached) return;
    this.#isFollowing = true;
    this.#closeWhenOver();
    this.#watch.start(this.files.directory);
    this.#noticed(null);
  }

  /** Ends a process whose agent was never executed. */
  async abandon(startFailure: { readonly errno: string; readonly stage: string }): Promise<void> {
    if (!this.#isDetached) await this.#finish({ ...unknownEnd, startFailure }, nothingRead);
  }

  /** Asks the open turn to end: `interrupt` in the agent's own words, `stop` for the whole tree. Asking again changes nothing. */
  async request(verb: Exclude<RunVerb, 'cancel'>): Promise<void> {
    if (this.#isDetached) throw new AppError('shutting_down', 'The run is being taken up again; ask again in a moment');
    const { turn } = this;
    if (turn === null || turn.run.requestedVerb === verb || turn.run.requestedVerb === 'stop') return this.#requested;
    const { events, writes } = this.#conversation.request(turn, verb);
    const recorded = this.#append(events, writes, true);
    this.#requested = recorded;
    // Not after the commit: what fills the disk that the commit waits for may be this very agent.
    if (verb === 'stop') this.#stop.now();
    await recorded.catch((error: unknown) => {
      this.#lose(error);
      throw error;
    });
  }

  /** The server leaves; the agent goes on. */
  detach(): void {
    this.#isDetached = true;
    this.#watch.stop();
    this.#closeTimer?.cancel();
    this.#logs.close();
  }

  #noticed(file: string | null): void {
    this.#news.add(file);
    if (this.#isFollowing && !this.#isPumping && !this.#isDetached && !this.#news.isEmpty) void this.#pump();
  }

  /** Reads until nothing is new. One batch is on its way at a time, so a flood of one agent waits for its own commits. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (!this.#news.isEmpty && !this.#isDetached) await this.#round();
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#isPumping = false;
    }
  }

  /** What is in memory is not to be trusted any more: it was changed in the belief that it would be stored. */
  #lose(error: unknown): void {
    if (this.#isDetached) return;
    this.detach();
    this.#hooks.onLost(this, error);
  }

  async #round(): Promise<void> {
    const { streams, mayHaveEnded } = this.#news.take();
    // Looked up before the logs are read: what is read after it is all there will ever be.
    const end = mayHaveEnded ? findEnd(this.files, this.#wasStarted || this.#identity !== null, this.#identity) : null;
    if (mayHaveEnded) this.#sweep();
    if (this.#identity === null) await this.#confirm(end);
    const read = this.#logs.read(end === null ? streams : undefined);
    if (end !== null && !read.hasMore) {
      await this.#finish(end, read);
      return;
    }
    if (end !== null) this.#news.addAll();
    else if (read.hasMore) this.#news.addStreams(streams);
    if (read.pieces.length + read.events.length > 0) await this.#take(read);
  }

  /** Does again what a full disk or a full FIFO may have kept from being done. */
  #sweep(): void {
    this.#flushStdin();
    if (isBeyondLimit(this.files, this.#parts.config)) this.#stop.now();
    else this.#stop.repeat();
  }

  /** What cannot be written now keeps its place; the next sweep tries again. */
  #flushStdin(): void {
    try {
      this.#stdin.flush();
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, processId: this.id },
        'Could not write to the spool of an agent; trying again',
      );
    }
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
    if (this.#wasStarted) this.#hooks.onRead(this, this.#logs.offsets);
    if (this.turn?.run.requestedVerb === 'stop') this.#stop.now();
  }

  async #take({ pieces, events, isFrameComplete }: LogsRead): Promise<void> {
    const draft: Draft = { events: [...events], writes: [] };
    this.#conversation.take(pieces, draft);
    draft.writes.push(this.#progress());
    failpoint('output-read');
    await this.#append(draft.events, draft.writes);
    failpoint('output-committed');
    if (isFrameComplete) this.#hooks.onRead(this, this.#logs.offsets);
    this.#closeWhenOver();
  }

  async #finish(end: ProcessEnd, { pieces, events }: LogsRead): Promise<void> {
    failpoint('end-found');
    if (end.isHolderLost) await sweepLostTree(this.#parts, this.id, this.files);
    const draft: Draft = { events: [...events], writes: [] };
    this.#conversation.take(pieces, draft);
    // A tree that was swept may have written until it died.
    for (let read = this.#logs.read(); read.pieces.length > 0 || read.hasMore; read = this.#logs.read()) {
      draft.events.push(...read.events);
      this.#conversation.take(read.pieces, draft);
    }
    this.#conversation.take(this.#logs.rest(), draft);
    const ids = this.turn?.ids;
    this.#conversation.end(judgeOutput(end, this.files, this.#parts.config), draft);
    const { code, signal, left, isHolderLost } = end;
    const data = { processId: this.id, code, signal, left, isHolderLost };
    draft.events.push({ type: 'process.exited', data, ...ids });
    const patch = { state: 'exited', exitCode: code, exitSignal: signal, exitedAt: this.#now() } as const;
    draft.writes.push(this.#progress(), { table: 'processes', id: this.id, patch });
    await this.#append(draft.events, draft.writes, true);
    this.detach();
    this.#hooks.onExited(this);
  }

  /** An agent that has finished its turn and does not leave by itself is made to; its run has its result already. */
  #closeWhenOver(): void {
    if (this.turn !== null || this.#isDetached) return;
    this.#closeTimer ??= this.#parts.clock.setTimer(this.#parts.config.closeGraceMs, () => this.#stop.now());
  }

  #progress(): Write {
    return { table: 'processes', id: this.id, patch: { ...this.#logs.offsets, ...this.#conversation.changed() } };
  }

  async #append(events: readonly AppendedEvent[], writes: readonly Write[], isDurable = false): Promise<void> {
    await this.#parts.log.append({ sessionId: this.session.id, events, writes, isDurable });
    this.#stdin.commit(writes);
    if (!this.#isDetached) this.#flushStdin();
  }

  #now(): string {
    return toTimestamp(this.#parts.clock);
  }
}
