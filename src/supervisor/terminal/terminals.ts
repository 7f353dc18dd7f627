import type { ProcessId } from '../../contracts/ids.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { RunRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';
import { findRunLog } from '../logs/raw-log.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';
import { SharedTerminal } from './shared-terminal.ts';
import { terminalKind } from './terminal-kind.ts';
import type { TerminalSeat, TerminalViewer } from './terminal-seat.ts';

export type TerminalParts = Pick<Parts, 'store' | 'config' | 'drivers'>;

/** The terminals that somebody looks at, each shared by all who do. */
export class Terminals {
  readonly #parts: TerminalParts;
  readonly #processOf: (run: RunRow) => SupervisedProcess | undefined;
  readonly #shared = new Map<ProcessId, SharedTerminal>();

  constructor(parts: TerminalParts, processOf: (run: RunRow) => SupervisedProcess | undefined) {
    this.#parts = parts;
    this.#processOf = processOf;
  }

  /**
   * A seat at the terminal of the run's newest attempt. Throws AppError: `unsupported` where it has none, `wrong_state` where it has none
   * yet, and as `findRunLog` does.
   */
  async open(run: RunRow, viewer: TerminalViewer): Promise<TerminalSeat> {
    const { store, drivers } = this.#parts;
    if (run.attempts === 0) {
      throw new AppError(
        'wrong_state',
        `The run "${run.id}" is ${run.state}: it has no terminal yet, or will have none`,
      );
    }
    const log = await findRunLog(this.#parts, run, { stream: 'stdout' });
    const shared = this.#share(log.processId, () => {
      return new SharedTerminal({
        ...log,
        process: () => this.#processOf(run),
        onEmpty: (id) => this.#shared.delete(id),
      });
    });
    const seat = shared.join(run.id, viewer);
    try {
      // Looked up only now: an end that comes from here on is told to the terminal.
      const process = await store.process(log.processId);
      const kind = process === null ? null : terminalKind(drivers.get(process.driver), process.transport);
      if (process === null || kind === null) {
        throw new AppError('unsupported', `The run "${run.id}" has no terminal; give its profile \`transport: pty\``);
      }
      shared.settle({ isForPeople: kind === 'screen', isOver: process.state === 'exited', pid: process.agentPid });
      return seat;
    } catch (error) {
      seat.leave();
      throw error;
    }
  }

  /** The process may have written something. */
  wake(id: ProcessId): void {
    this.#shared.get(id)?.wake();
  }

  /** The process is no more. */
  end(id: ProcessId): void {
    this.#shared.get(id)?.end();
  }

  #share(id: ProcessId, create: () => SharedTerminal): SharedTerminal {
    const known = this.#shared.get(id);
    if (known !== undefined) return known;
    const shared = create();
    this.#shared.set(id, shared);
    return shared;
  }
}
