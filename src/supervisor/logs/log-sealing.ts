import type { SealingLimits } from '../../holder/log-sealer.ts';
import { LogSealer } from '../../holder/log-sealer.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import { CannotPunch } from '../../holder/punch.ts';
import { DamagedFrame, frameBytes } from '../../holder/sealed-frame.ts';
import { isSystemError } from '../../holder/system-error.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { EventLog } from '../../log/event-log.ts';

export interface LogSealingOptions {
  /** Absolute path of the holder. */
  readonly holderBinary: string;
  readonly log: Pick<EventLog, 'flush'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** How far the logs of a process are translated and committed. */
export interface LogsCommitted {
  readonly outOffset: number;
  readonly errOffset: number;
}

/** One log that is being sealed. */
interface Work {
  readonly path: string;
  readonly sealer: LogSealer;
  limits: SealingLimits;
  isDamaged: boolean;
}

/**
 * Seals the logs of all processes, one at a time and a little of each in turn: an agent that prints gigabytes costs what they compress
 * to. What is not sealed when the server leaves is sealed by the next one.
 */
export class LogSealing {
  readonly #options: LogSealingOptions;
  readonly #works = new Map<string, Work>();
  /** In the order in which they have their turn. */
  readonly #waiting = new Set<Work>();
  #working: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: LogSealingOptions) {
    this.#options = options;
  }

  /** More of these logs may be sealed: all that is committed but the newest. */
  committed(files: ProcessFiles, { outOffset, errOffset }: LogsCommitted): void {
    for (const [log, offset] of [
      ['out', outOffset],
      ['err', errOffset],
    ] as const) {
      const sealTo = offset - frameBytes;
      if (sealTo >= frameBytes) this.#add(files, log, { sealTo, isEnded: false });
    }
  }

  /** The end of the process is stored: its logs are sealed whole, if they are worth it. */
  ended(files: ProcessFiles): void {
    const limits = { sealTo: Infinity, isEnded: true };
    this.#add(files, 'out', limits);
    this.#add(files, 'err', limits);
  }

  /** Resolves when nothing is sealed any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
    for (const work of this.#works.values()) this.#forget(work);
  }

  #add(files: ProcessFiles, log: 'out' | 'err', limits: SealingLimits): void {
    if (this.#isStopped) return;
    const path = files[log];
    const work = this.#works.get(path) ?? this.#begin(path, files.directory, log, limits);
    if (work.isDamaged) return;
    work.limits = limits;
    this.#waiting.add(work);
    this.#working ??= this.#work();
  }

  #begin(path: string, directory: string, log: 'out' | 'err', limits: SealingLimits): Work {
    const beforePunch = () => this.#options.log.flush();
    const sealer = new LogSealer({ binary: this.#options.holderBinary, directory, log, beforePunch });
    const work = { path, sealer, limits, isDamaged: false };
    this.#works.set(path, work);
    return work;
  }

  async #work(): Promise<void> {
    // A set hands out what is added while it is gone through: one that has more comes again after the others.
    for (const work of this.#waiting) {
      if (this.#isStopped) break;
      this.#waiting.delete(work);
      const { isEnded } = work.limits;
      const hasMore = await this.#turn(work);
      if (hasMore) this.#waiting.add(work);
      else if (isEnded) this.#forget(work);
    }
    this.#working = undefined;
  }

  async #turn(work: Work): Promise<boolean> {
    try {
      return await work.sealer.seal(work.limits);
    } catch (error) {
      this.#report(work, error);
      return false;
    }
  }

  /** Trouble with sealing is nobody's but the disk's: the log has all its bytes, or a later turn or server tries again. */
  #report(work: Work, error: unknown): void {
    const { logger } = this.#options;
    const { path } = work;
    if (error instanceof CannotPunch) {
      this.#isStopped = true;
      logger.info({ path, reason: error.message }, 'Logs stay as they are: the file system or the holder cannot punch');
    } else if (error instanceof DamagedFrame) {
      work.isDamaged = true;
      logger.error({ err: error, path }, 'What is sealed of a log is damaged; no more of it is sealed');
    } else if (!isSystemError(error, 'ENOENT')) {
      logger.warn({ err: error, path }, 'Could not seal a log; it stays as it is for now');
    }
  }

  #forget({ path, sealer }: Work): void {
    sealer.close();
    this.#works.delete(path);
  }
}
