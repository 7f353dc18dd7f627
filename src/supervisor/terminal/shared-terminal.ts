import type { ProcessId, RunId } from '../../contracts/ids.ts';
import { resize } from '../../holder/control.ts';
import type { TerminalSize } from '../../holder/terminal-size.ts';
import { readTerminalSize, usualTerminalSize } from '../../holder/terminal-size.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { RunLog } from '../logs/raw-log.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';
import { Keyboard } from './keyboard.ts';
import type { TerminalLog } from './read-terminal.ts';
import { readTerminal, sizeOf } from './read-terminal.ts';
import type { TerminalSeat, TerminalViewer } from './terminal-seat.ts';
import { Typing } from './typing.ts';

export interface SharedTerminalOptions extends RunLog {
  /** The process as it is followed now; undefined where it is not, because it has gone or is being taken up again. */
  readonly process: () => SupervisedProcess | undefined;
  /** Nobody looks at it any more. */
  readonly onEmpty: (id: ProcessId) => void;
}

/** The terminal of one process, with all who look at it. */
export class SharedTerminal implements TerminalLog {
  readonly #options: SharedTerminalOptions;
  readonly #keyboard = new Keyboard<TerminalViewer>();
  readonly #viewers = new Set<TerminalViewer>();
  readonly #listeners = new Set<() => void>();
  #isForPeople = false;
  #isOver = false;
  #size: TerminalSize | null = null;

  constructor(options: SharedTerminalOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  get sealedPath(): string {
    return this.#options.sealedPath;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  subscribe(listen: () => void): () => void {
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  /** What is stored of its process. */
  settle({ isForPeople, isOver, pid }: { isForPeople: boolean; isOver: boolean; pid: number | null }): void {
    this.#isForPeople = isForPeople;
    if (isOver) this.end();
    // Whoever changed it may have been another server.
    else if (pid !== null) this.#size ??= readTerminalSize(pid);
  }

  wake(): void {
    for (const listen of this.#listeners) listen();
  }

  end(): void {
    this.#isOver = true;
    this.wake();
  }

  join(runId: RunId, viewer: TerminalViewer): TerminalSeat {
    const typing = new Typing((text) => this.#processOf(runId).controls.type(text));
    const keyboard = this.#keyboard;
    this.#viewers.add(viewer);
    const size = (): number => sizeOf(this);
    const dimensions = (): TerminalSize => this.#size ?? usualTerminalSize;
    return {
      processId: this.#options.processId,
      get size() {
        return size();
      },
      get dimensions() {
        return dimensions();
      },
      get isWriter() {
        return keyboard.isWriter(viewer);
      },
      read: (from, signal) => readTerminal(this, from, signal),
      take: ({ steal = false } = {}) => {
        this.#refuseUnlessForPeople();
        // A process that is being taken up again will be there when somebody types.
        if (this.#isOver) throw isOver(runId);
        keyboard.take(viewer, steal);
      },
      release: () => keyboard.release(viewer),
      async type(bytes) {
        keyboard.check(viewer);
        await typing.add(bytes);
      },
      resize: (to) => {
        keyboard.check(viewer);
        this.#resize(to);
      },
      leave: () => {
        keyboard.release(viewer);
        this.#viewers.delete(viewer);
        if (this.#viewers.size === 0) this.#options.onEmpty(this.#options.processId);
      },
    };
  }

  #resize({ rows, cols }: TerminalSize): void {
    resize(this.#options.directory, rows, cols);
    this.#size = { rows, cols };
    for (const viewer of this.#viewers) viewer.onResized(this.#size);
  }

  /** Throws AppError where nobody can be told anything. */
  #processOf(runId: RunId): SupervisedProcess {
    const process = this.#options.process();
    if (process?.turn?.run.id === runId && process.id === this.#options.processId) return process;
    if (this.#isOver || process !== undefined) throw isOver(runId);
    throw new AppError('shutting_down', 'The run is being taken up again; type again in a moment');
  }

  #refuseUnlessForPeople(): void {
    if (this.#isForPeople) return;
    throw new AppError(
      'unsupported',
      'What is said at this terminal is a protocol: it can be watched, and nobody can type',
    );
  }
}

function isOver(runId: RunId): AppError {
  return new AppError('wrong_state', `The run "${runId}" is over: nobody can type at its terminal any more`);
}
