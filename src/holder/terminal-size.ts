import { constants, openSync, readlinkSync } from 'node:fs';
import { WriteStream } from 'node:tty';

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** What a terminal has until somebody changes it. */
export const usualTerminalSize: TerminalSize = { rows: 50, cols: 200 };

/** The size of the terminal that a process has as its stdout, as the kernel has it; null where that cannot be found out. */
export function readTerminalSize(pid: number): TerminalSize | null {
  try {
    // Ours it must not become: a server may have no terminal and be the first of its session.
    const terminal = new WriteStream(
      openSync(readlinkSync(`/proc/${pid}/fd/1`), constants.O_RDWR | constants.O_NOCTTY),
    );
    const [cols, rows] = terminal.getWindowSize();
    terminal.destroy();
    return { rows, cols };
  } catch {
    return null;
  }
}
