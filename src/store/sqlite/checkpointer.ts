import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import { CheckpointThread } from './checkpoint-thread.ts';

export interface CheckpointerOptions {
  /** The writer's connection. */
  readonly db: DatabaseSync;
  readonly path: string;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly limits?: CheckpointLimits;
  /** @default one of its own */
  readonly thread?: Pick<CheckpointThread, 'checkpoint' | 'end'>;
}

/** In bytes of the write-ahead log. */
export interface CheckpointLimits {
  /** From which on it is copied into the database. @default 4_000_000 */
  readonly copiedFrom?: number;
  /** From which on commits wait until all of it is copied, so that it begins anew. @default 32_000_000 */
  readonly fullFrom?: number;
}

/** Between two looks at the log. A commit is reckoned as so much, and what it says. */
const lookEvery = 1_000_000;
const commitBytes = 16_000;

/** The thread takes some 20 MB: where it is not needed it need not be there. */
const idleMs = 30_000;

/**
 * Keeps the write-ahead log small, on another thread: a checkpoint in line makes every few commits 10 or 20 ms longer. Under a flood
 * the thread never catches up with the writer, so that the log never begins anew; past a bound the next commit therefore waits, as a
 * promise, for the small rest. A log that cannot begin anew even then (another program reads the database) grows on by as much.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #thread: Pick<CheckpointThread, 'checkpoint' | 'end'>;
  readonly #copiedFrom: number;
  readonly #fullFrom: number;
  readonly #look: () => { readonly bytes: number; readonly uncopied: number };
  #sinceLook = lookEvery;
  /** Below this much that is not copied the thread is left alone. */
  #nextPassAt: number;
  #nextBound: number;
  #pass: Promise<void> | undefined;
  #clearing: Promise<boolean> | undefined;
  #idle: Timer | undefined;
  #isClosing = false;

  constructor(options: CheckpointerOptions) {
    const { db, path, thread = new CheckpointThread(path), limits = {} } = options;
    const { copiedFrom = 4_000_000, fullFrom = 32_000_000 } = limits;
    this.#options = options;
    this.#thread = thread;
    this.#copiedFrom = this.#nextPassAt = copiedFrom;
    this.#fullFrom = this.#nextBound = fullFrom;
    this.#look = createLook(db);
  }

  /** Call after each commit. */
  committed(chars: number): void {
    this.#sinceLook += commitBytes + chars;
    if (this.#sinceLook < lookEvery) return;
    this.#sinceLook = 0;
    const { bytes, uncopied } = this.#look();
    if (uncopied < this.#copiedFrom) this.#nextPassAt = this.#copiedFrom;
    if (bytes < this.#fullFrom) this.#nextBound = this.#fullFrom;
    if (uncopied >= this.#nextPassAt) void this.#copy();
    if (bytes >= this.#nextBound && uncopied > 0) this.#clearing ??= this.#clear();
  }

  /** What a commit has to wait for; mostly nothing. */
  room(): Promise<unknown> | undefined {
    return this.#clearing;
  }

  /** Copies all that is committed, while commits wait; true where the database, on disk, has it all. */
  copyAll(): Promise<boolean> {
    return (this.#clearing ??= this.#clear());
  }

  /** When it resolves nothing but the writer's connection has the database open. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#idle?.cancel();
    await this.#clearing;
    await this.#pass;
    await this.#thread.end();
  }

  /** Nobody commits meanwhile: when the thread is through, the log begins anew with the next commit. */
  async #clear(): Promise<boolean> {
    await this.#pass;
    await this.#copy();
    const { bytes, uncopied } = this.#look();
    if (uncopied > 0) {
      this.#nextBound = bytes + this.#fullFrom;
      this.#options.logger.warn(
        { bytes, uncopied },
        'The write-ahead log cannot begin anew; does another program read the database?',
      );
    }
    this.#sinceLook = 0;
    this.#clearing = undefined;
    return uncopied === 0;
  }

  #copy(): Promise<void> {
    return (this.#pass ??= this.#runPass().finally(() => (this.#pass = undefined)));
  }

  async #runPass(): Promise<void> {
    const { db, logger, clock } = this.#options;
    this.#idle?.cancel();
    try {
      const { error } = await this.#thread.checkpoint();
      if (error !== null) logger.warn({ error }, 'The write-ahead log could not be copied into the database');
    } catch (error) {
      logger.warn({ err: error }, 'The checkpoint thread died; copying the write-ahead log on the main thread');
      // A stall is better than a log that grows for ever.
      tryTo(() => db.exec('PRAGMA wal_checkpoint(PASSIVE)'));
    }
    // After a pass that could not copy everything the next one is due when there is as much more.
    this.#nextPassAt = this.#look().uncopied + this.#copiedFrom;
    if (!this.#isClosing) this.#idle = clock.setTimer(idleMs, () => void this.#rest());
  }

  async #rest(): Promise<void> {
    if (this.#pass === undefined) await this.#thread.end();
  }
}

/** How much of the log is in use, and how much of that the database does not have yet. */
function createLook(db: DatabaseSync) {
  const frameBytes = Number(db.prepare('PRAGMA page_size').get()?.['page_size']) + 24;
  // SQLite before 3.51 takes NOOP for PASSIVE, and copies what it was only asked about: right, but in line.
  const state = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  return () => {
    const row = tryTo(() => state.get());
    const [log, copied] = [Number(row?.['log'] ?? 0), Number(row?.['checkpointed'] ?? 0)];
    return { bytes: Math.max(log, 0) * frameBytes, uncopied: Math.max(log - copied, 0) * frameBytes };
  };
}

/** A commit that was taken must not fail for what comes after it; where it matters it is tried again when the log has grown. */
function tryTo<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
