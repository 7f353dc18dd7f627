import { mkdir } from 'node:fs/promises';
import type { ProcessId } from '../../contracts/ids.ts';
import { stop } from '../../holder/control.ts';
import { readExitRecord } from '../../holder/exit-record.ts';
import { isAlive, readIdentity } from '../../holder/identity.ts';
import { isNewerLayout } from '../../holder/layout.ts';
import { processFiles } from '../../holder/process-directory.ts';
import { AppError } from '../../kernel/app-error.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { Timer } from '../../kernel/clock.ts';
import { RetryableStoreError } from '../../store/retryable-store-error.ts';
import type { ProcessRow, SessionRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';
import { launchOf } from '../dispatch/launch.ts';
import { withdrawal } from '../permissions/withdraw-questions.ts';
import { failed, sweepLostTree } from '../process/process-end.ts';
import { processDirectory } from '../process/process-place.ts';
import type { ReadyProfile } from '../profiles.ts';
import { bareProfile, locateAgent } from '../profiles.ts';
import type { AttemptHooks } from '../dispatch/start-attempt.ts';

import { SupervisedProcess } from '../process/supervised-process.ts';
import { Turn } from '../process/turn.ts';

/** After this the server is there for its users; what is not taken up yet goes on in the background. */
const budgetMs = 10_000;

/** Between tries to take up one process; when they are used up, it is stopped and its run ends. */
const retryDelaysMs = [1_000, 2_000, 4_000];

/** When they are used up and not even the giving up succeeds. */
const lateRetryMs = 30_000;

/** Nobody's mistake, and no reason to stop an agent: no file descriptors left, a full disk, a busy store. Tried for as long as it takes. */
const passingRetryMs = 2_000;
const passingCodes = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EAGAIN', 'EIO']);

function isPassing(error: unknown): boolean {
  return error instanceof RetryableStoreError || passingCodes.has((error as NodeJS.ErrnoException).code ?? '');
}

/** A process that went on well for so long has its tries back: trouble hours apart has nothing to do with it. */
const forgottenMs = 60_000;

export interface RecoveryHooks extends AttemptHooks {
  /** The process is there, whether it can be taken up at once or not. */
  readonly onHeld: (row: Pick<ProcessRow, 'id'>, session: SessionRow) => void;
  /** Only a newer release can tell what has become of the process: until that is started, nothing is done with it. */
  readonly onLeftAlone: (id: ProcessId, refusal: AppError) => void;
  /** The end of the process is recorded, by whomever. */
  readonly onGone: (id: ProcessId) => void;
}

/**
 * Takes up processes from what is stored and what their holders left: all of them when the server starts, one when this server got
 * into trouble with it. A living one is adopted, one that ended meanwhile is read to its end, one whose holder was never spawned is
 * started. One that cannot be taken up keeps nobody waiting, and after some tries it is stopped: no run stays open for ever.
 */
export class Recovery {
  readonly #parts: Parts;
  readonly #hooks: RecoveryHooks;
  readonly #failures = new Map<ProcessId, { readonly count: number; readonly at: number }>();
  readonly #timers = new Set<Timer>();
  readonly #pending = new Set<ProcessId>();
  #isStopped = false;

  constructor(parts: Parts, hooks: RecoveryHooks) {
    this.#parts = parts;
    this.#hooks = hooks;
  }

  /** Takes up every process whose end is not recorded, within one budget of time. */
  async takeUpAll(): Promise<void> {
    const rows = await this.#parts.store.openProcesses();
    // Before anything is started: until its process is taken up, neither session nor directory must look free.
    for (const row of rows) await this.#hold(row);
    const all = Promise.all(rows.map((row) => this.#tryToTakeUp(row)));
    const budget = new AbortController();
    await Promise.race([all, this.#parts.clock.sleep(budgetMs, budget.signal)]);
    budget.abort();
  }

  /** Takes up again a process with which this server got into trouble, from what is stored. */
  again(id: ProcessId, error: unknown): void {
    const { logger, clock, store } = this.#parts;
    if (this.#isStopped) return;
    if (isNewerLayout(error)) {
      logger.error({ processId: id, detail: error.message }, 'A process is left alone');
      this.#hooks.onLeftAlone(id, error);
      return;
    }
    if (this.#pending.has(id)) return;
    const last = this.#failures.get(id);
    const at = clock.monotonic();
    const failures = last === undefined || at - last.at > forgottenMs ? 0 : last.count;
    const isOurs = !isPassing(error);
    if (isOurs) this.#failures.set(id, { count: failures + 1, at });
    const delayMs = isOurs ? (retryDelaysMs[failures] ?? lateRetryMs) : passingRetryMs;
    logger.error({ err: error, processId: id, failures, delayMs }, 'Could not go on with a process');
    this.#pending.add(id);
    const timer = clock.setTimer(delayMs, () => {
      this.#pending.delete(id);
      this.#timers.delete(timer);
      void store
        .process(id)
        .then((row) => this.#next(id, row, isOurs && failures >= retryDelaysMs.length))
        .catch((failure: unknown) => this.again(id, failure));
    });
    this.#timers.add(timer);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
  }

  async #next(id: ProcessId, row: ProcessRow | null, isGivenUp: boolean): Promise<void> {
    // The trouble may have come after the end was committed.
    if (row === null || row.state === 'exited') this.#hooks.onGone(id);
    else if (isGivenUp) await this.#giveUp(row);
    else await this.#tryToTakeUp(row);
  }

  /** A session with two processes must not keep a server from starting; the second is given up in the end. */
  async #hold(row: ProcessRow): Promise<void> {
    try {
      const session = await this.#parts.store.session(row.sessionId);
      if (session !== null) this.#hooks.onHeld(row, session);
    } catch (error) {
      this.#parts.logger.error({ err: error, processId: row.id }, 'A session has two processes');
    }
  }

  async #tryToTakeUp(row: ProcessRow): Promise<void> {
    await this.#takeUp(row).catch((error: unknown) => this.again(row.id, error));
  }

  async #takeUp(row: ProcessRow): Promise<void> {
    const parts = this.#parts;
    // Before anything is done with it: only a newer release may understand what is there.
    const hasIdentity = readIdentity(processDirectory(parts.config.dataDir, row.id)) !== null;
    const { session, turn } = await this.#context(row);
    const profile = this.#profileOf(row, session);
    const process = new SupervisedProcess({ parts, row, session, profile, turn, hooks: this.#hooks });
    await mkdir(process.files.directory, { recursive: true, mode: 0o700 });
    const messages = await parts.store.stdinMessages(row.id);
    const questions = await parts.store.pendingPermissions(row.id);
    const present = await parts.store.session(row.sessionId);
    if (this.#isStopped) return;
    // It may have been changed while all this was read.
    if (present !== null) process.conversation.session = present;
    this.#hooks.onLive(process);
    process.restore(messages, questions);
    if (row.state === 'running' || hasIdentity) {
      process.follow();
      return;
    }
    // Stopped before it began: then it need not begin.
    const isUnwanted = turn?.run.requestedVerb === 'stop';
    const located = isUnwanted ? { path: null } : locateAgent(profile, parts.host);
    if (located.path === null) await process.abandon({ errno: 'ENOENT', stage: 'locate' });
    else await process.launch(launchOf(parts, { ...profile, transport: row.transport }, session, located.path), []);
  }

  async #context(row: ProcessRow): Promise<{ session: SessionRow; turn: Turn | null }> {
    const { store } = this.#parts;
    const session = await store.session(row.sessionId);
    if (session === null) throw new Error(`Process ${row.id} has no session`);
    if (row.openRunId === null) return { session, turn: null };
    const run = await store.run(row.openRunId);
    const attempt = (await store.attempts(row.openRunId)).find(({ id }) => id === row.openAttemptId);
    if (run === null || attempt === undefined) throw new Error(`Process ${row.id} has an open turn without a run`);
    return { session, turn: new Turn(run, attempt) };
  }

  /** The driver that started the process, whatever the profile has become since; nothing is allowed for one that has gone. */
  #profileOf(row: ProcessRow, session: SessionRow): ReadyProfile {
    const configured = this.#hooks.profiles.get(session.profile);
    if (configured?.driver.name === row.driver) return configured;
    const driver = this.#parts.drivers.get(row.driver);
    if (driver === undefined) throw new AppError('config_invalid', `There is no driver "${row.driver}" any more`);
    return bareProfile(this.#parts.config, session.profile, driver, row.transport);
  }

  /** The last resort: the tree is stopped without a translator, and the run ends as our mistake. */
  async #giveUp(row: ProcessRow): Promise<void> {
    const { config, clock, log, logger } = this.#parts;
    const files = processFiles(processDirectory(config.dataDir, row.id));
    const { directory } = files;
    const isHeld = () => {
      const identity = readIdentity(directory);
      return identity !== null && isAlive(identity.holder, identity.boot);
    };
    while (!this.#isStopped && isHeld()) {
      stop(directory, config.stopGraceMs);
      await clock.sleep(200);
    }
    // The next server finds it as it is.
    if (this.#isStopped) return;
    if (readExitRecord(directory) === null) await sweepLostTree(this.#parts, row.id, files);
    const at = toTimestamp(clock);
    const { session, turn } = await this.#context(row);
    const ended = turn?.end(failed('internal', 'Drover could not go on with this run; see the log of the server'), at);
    const data = { processId: row.id, code: null, signal: null, left: 0, isHolderLost: false, cause: 'stop' as const };
    const patch = { state: 'exited', exitedAt: at, openRunId: null, openAttemptId: null, idleSince: null } as const;
    const withdrawn = withdrawal(this.#parts, await this.#parts.store.pendingPermissions(row.id));
    await log.append({
      sessionId: session.id,
      isDurable: true,
      events: [...withdrawn.events, ...(ended?.events ?? []), { type: 'process.exited', data, ...turn?.ids }],
      writes: [...(ended?.writes ?? []), ...withdrawn.writes, { table: 'processes', id: row.id, patch }],
    });
    logger.error({ processId: row.id }, 'Gave up on a process; it is stopped');
    this.#hooks.onGone(row.id);
  }
}
