import type { Conclusion, Driver, Intent, Launch, StdinMessage } from '../agents/driver.ts';
import type { ProcessId } from '../contracts/ids.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import * as control from '../holder/control.ts';
import type { ProcessFiles } from '../holder/process-directory.ts';
import { readIdentity } from '../holder/identity.ts';
import { processFiles } from '../holder/process-directory.ts';
import { spawnHolder } from '../holder/spawn-holder.ts';
import type { Timer } from '../kernel/clock.ts';
import { failpoint } from '../kernel/failpoint.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { AppendedEvent } from '../log/event-log.ts';
import type { ProcessRow, SessionRow, StdinRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { translateLine } from './line-events.ts';
import type { Parts } from './parts.ts';
import type { ProcessEnd } from './process-end.ts';
import { concludeEnd, findEnd, sweepLostTree, unknownEnd } from './process-end.ts';
import type { StreamLine } from './process-logs.ts';
import { ProcessLogs } from './process-logs.ts';
import { processCgroup, processDirectory } from './process-place.ts';
import type { ReadyProfile } from './profiles.ts';
import { StdinSpool } from './stdin-spool.ts';
import type { Turn } from './turn.ts';

export interface SupervisedProcessOptions {
  readonly parts: Parts;
  readonly row: ProcessRow;
  readonly session: SessionRow;
  readonly profile: ReadyProfile;
  /** Null where the turn has ended and the process is only on its way out. */
  readonly turn: Turn | null;
  /** Called once, when the end of the process is committed and nothing of its tree is left. */
  readonly onExited: (process: SupervisedProcess) => void;
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
  readonly #profile: ReadyProfile;
  readonly #logs: ProcessLogs;
  readonly #stdin: StdinSpool;
  readonly #watch: DirectoryWatch;
  readonly #onExited: (process: SupervisedProcess) => void;
  readonly #wasStarted: boolean;
  #turn: Turn | null;
  #driverState: unknown;
  #closeTimer: Timer | undefined;
  #isConfirmed = false;
  #isDetached = false;
  #isPumping = false;
  #isDirty = false;
  /** The exit record may be there: something said so, or the last sweep has not looked. */
  #mayHaveEnded = true;

  constructor({ parts, row, session, profile, turn, onExited }: SupervisedProcessOptions) {
    const directory = processDirectory(parts.config.dataDir, row.id);
    this.id = row.id;
    this.session = session;
    this.files = processFiles(directory);
    this.#parts = parts;
    this.#profile = profile;
    this.#wasStarted = row.state === 'running';
    this.#turn = turn;
    this.#onExited = onExited;
    this.#driverState = readDriverState(row.driverState, profile.driver, session.nativeSessionId);
    this.#logs = new ProcessLogs(this.files, { out: row.outOffset, err: row.errOffset });
    this.#stdin = new StdinSpool({ directory, processId: row.id, sessionId: session.id, offset: row.stdinOffset });
    this.#watch = new DirectoryWatch(parts.clock, (file) => this.#noticed(file));
  }

  get turn(): Turn | null {
    return this.#turn;
  }

  /** Rows for the messages that open the process and its turn, to be committed with the process itself. */
  firstMessages(prompt: StdinMessage): Write[] {
    return [...this.#profile.driver.opening(), prompt].flatMap((message) => this.#stdin.add(message));
  }

  /** Takes up the messages that an earlier server committed, and writes those that it may not have written. */
  restoreMessages(rows: readonly StdinRow[]): void {
    this.#stdin.restore(rows);
    this.#stdin.flush();
  }

  /** Spawns the holder, in a directory that exists; a second call, by this server or the next, starts nothing twice. */
  async launch({ argv, env, stdin }: Launch, firstMessages: readonly Write[]): Promise<void> {
    this.#stdin.write(firstMessages);
    const parts = this.#parts;
    const launched = await spawnHolder({
      binary: parts.holderBinary,
      directory: this.files.directory,
      mode: 'pipe',
      stdin,
      cwd: this.session.workspacePath,
      argv,
      env: { ...env, DROVER_PROCESS_ID: this.id },
      graceMs: parts.config.stopGraceMs,
      cgroup: processCgroup(parts.cgroupRoot, this.id),
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
    if (this.#turn === null) this.#awaitClose();
    this.#watch.start(this.files.directory);
    this.#noticed(null);
  }

  /** Ends a process whose agent was never executed. */
  async abandon(startFailure: { readonly errno: string; readonly stage: string }): Promise<void> {
    if (!this.#isDetached) await this.#finish({ ...unknownEnd, startFailure }, [], []);
  }

  /** Asks the open turn to end: `interrupt` in the agent's own words, `stop` for the whole tree. Asking again changes nothing. */
  async request(verb: Exclude<RunVerb, 'cancel'>): Promise<void> {
    const turn = this.#turn;
    if (turn === null || turn.run.requestedVerb === verb || turn.run.requestedVerb === 'stop') return;
    const { events, writes } = turn.request(verb);
    if (verb === 'stop') {
      await this.#append(events, writes, true);
      this.#stopTree();
      return;
    }
    const interruption = this.#profile.driver.interrupt(turn);
    const messages = 'message' in interruption ? this.#stdin.add(interruption.message) : [];
    await this.#append(events, [...writes, ...messages], true);
    if ('signal' in interruption) control.signal(this.files.directory, interruption.signal);
  }

  /** The server leaves; the agent goes on. */
  detach(): void {
    this.#isDetached = true;
    this.#watch.stop();
    this.#closeTimer?.cancel();
    this.#logs.close();
  }

  /** Records once that the agent runs, when the holder's files prove it. */
  async #confirm(end: ProcessEnd | null): Promise<void> {
    const identity = readIdentity(this.files.directory);
    if (identity === null) return;
    this.#isConfirmed = true;
    if (end !== null && (this.#wasStarted || end.startFailure !== null)) return;
    const pid = identity.agent.pid;
    const type = this.#wasStarted ? 'process.adopted' : 'process.started';
    const writes: Write[] = [{ table: 'processes', id: this.id, patch: { state: 'running', agentPid: pid } }];
    if (this.#turn?.run.state === 'starting') writes.push(...this.#turn.move('running', this.#now()).writes);
    await this.#append([{ type, data: { processId: this.id, pid }, ...this.#turn?.ids }], writes);
    failpoint('start-recorded');
    if (this.#turn?.run.requestedVerb === 'stop') this.#stopTree();
  }

  #noticed(file: string | null): void {
    if (file === null || file === 'exit') this.#mayHaveEnded = true;
    this.#isDirty = true;
    if (!this.#isPumping && !this.#isDetached) void this.#pump();
  }

  /** Reads until nothing is new. One batch is on its way at a time, so a flood of one agent waits for its own commits. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#isDirty && !this.#isDetached) {
        this.#isDirty = false;
        // Looked up before the logs are read: what is read after it is all there will ever be.
        const end = this.#mayHaveEnded ? findEnd(this.files, this.#wasStarted) : null;
        this.#mayHaveEnded = false;
        if (!this.#isConfirmed) await this.#confirm(end);
        const { lines, events, hasMore } = this.#logs.read();
        if (end !== null && !hasMore) {
          await this.#finish(end, lines, events);
          return;
        }
        this.#mayHaveEnded ||= end !== null;
        this.#isDirty ||= hasMore;
        if (lines.length + events.length > 0) await this.#take(lines, events);
      }
    } catch (error) {
      // The next sweep tries again; what was not committed is read again after a restart.
      if (!this.#isDetached) this.#parts.logger.error({ err: error, processId: this.id }, 'Could not follow a process');
    } finally {
      this.#isPumping = false;
    }
  }

  async #take(lines: readonly StreamLine[], found: readonly AppendedEvent[]): Promise<void> {
    const events = [...found];
    const writes: Write[] = [];
    this.#translate(lines, events, writes);
    writes.push(this.#progress());
    failpoint('output-read');
    await this.#append(events, writes);
    failpoint('output-committed');
  }

  #translate(lines: readonly StreamLine[], events: AppendedEvent[], writes: Write[]): void {
    const { driver } = this.#profile;
    const { logger } = this.#parts;
    for (const line of lines) {
      const translated = translateLine(line, { driver, state: this.#driverState, processId: this.id, logger });
      this.#driverState = translated.state;
      for (const event of translated.events) {
        events.push({ ...event, ...this.#turn?.ids });
        if (event.type === 'usage.recorded' && this.#turn !== null)
          writes.push(...this.#turn.recordUsage(event.data).writes);
      }
      for (const intent of translated.intents) this.#carryOut(intent, events, writes);
    }
  }

  #carryOut(intent: Intent, events: AppendedEvent[], writes: Write[]): void {
    switch (intent.type) {
      case 'native_session_opened':
        writes.push({ table: 'sessions', id: this.session.id, patch: { nativeSessionId: intent.nativeSessionId } });
        return;
      case 'permission_requested': {
        const { permissionId, answers } = intent;
        const decision = this.#profile.permissions;
        writes.push(...this.#stdin.add({ key: `permission-${permissionId}`, text: answers[decision] }));
        const data = { permissionId, decision, by: 'policy' as const };
        events.push({ type: 'permission.resolved', data, ...this.#turn?.ids });
        return;
      }
      case 'turn_ended':
        this.#endTurn(intent, events, writes);
        writes.push(...this.#stdin.addEnd());
        this.#awaitClose();
    }
  }

  #endTurn(conclusion: Conclusion, events: AppendedEvent[], writes: Write[]): void {
    if (this.#turn === null) return;
    const ended = this.#turn.end(conclusion, this.#now());
    events.push(...ended.events);
    writes.push(...ended.writes, {
      table: 'processes',
      id: this.id,
      patch: { openRunId: null, openAttemptId: null },
    });
    this.#turn = null;
  }

  /** An agent that has finished its turn and does not leave by itself is made to; its run has its result already. */
  #awaitClose(): void {
    this.#closeTimer ??= this.#parts.clock.setTimer(this.#parts.config.closeGraceMs, () => this.#stopTree());
  }

  #stopTree(): void {
    control.stop(this.files.directory, this.#parts.config.stopGraceMs);
  }

  async #finish(end: ProcessEnd, lines: readonly StreamLine[], found: readonly AppendedEvent[]): Promise<void> {
    failpoint('end-found');
    if (end.isHolderLost) await sweepLostTree(this.#parts, this.id, this.files);
    const events = [...found];
    const writes: Write[] = [];
    this.#translate(lines, events, writes);
    // A tree that was swept may have written until it died.
    for (let read = this.#logs.read(); read.lines.length > 0 || read.hasMore; read = this.#logs.read()) {
      this.#translate(read.lines, events, writes);
    }
    this.#translate(this.#logs.rest(), events, writes);
    const ids = this.#turn?.ids;
    this.#endTurn(concludeEnd(end, this.#profile.driver, this.#driverState), events, writes);
    const { code, signal, left, isHolderLost } = end;
    events.push({
      type: 'process.exited',
      data: { processId: this.id, code, signal, left, isHolderLost },
      ...ids,
    });
    writes.push(this.#progress(), {
      table: 'processes',
      id: this.id,
      patch: { state: 'exited', exitCode: code, exitSignal: signal, exitedAt: this.#now() },
    });
    await this.#append(events, writes, true);
    this.detach();
    this.#onExited(this);
  }

  #progress(): Write {
    const driverState = writeDriverState(this.#driverState, this.#profile.driver);
    return { table: 'processes', id: this.id, patch: { ...this.#logs.offsets, driverState } };
  }

  async #append(events: readonly AppendedEvent[], writes: readonly Write[], isDurable = false): Promise<void> {
    await this.#parts.log.append({ sessionId: this.session.id, events, writes, isDurable });
    if (!this.#isDetached) this.#stdin.write(writes);
  }

  #now(): string {
    return toTimestamp(this.#parts.clock);
  }
}

export function writeDriverState(value: unknown, driver: Driver): string {
  return JSON.stringify({ version: driver.stateVersion, value });
}

/** A state that another version of the driver wrote is not guessed at: translation begins afresh from here on. */
function readDriverState(text: string, driver: Driver, nativeSessionId: string | null): unknown {
  const { version, value } = JSON.parse(text) as { version: number; value: unknown };
  return version === driver.stateVersion ? value : driver.initialState(nativeSessionId);
}
