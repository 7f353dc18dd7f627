import type { ProcessId } from '../../contracts/ids.ts';
import type { TerminalSize } from '../../holder/terminal-size.ts';

/** Somebody who looks at a terminal, as the terminal sees them. */
export interface TerminalViewer {
  /** Whether this viewer is the one who types has changed, by whomever. */
  onWriter(isWriter: boolean): void;
  onResized(size: TerminalSize): void;
}

/** One viewer's place at the terminal of a run; whoever took it leaves it. */
export interface TerminalSeat {
  readonly processId: ProcessId;
  /** How much has been written to it, in bytes. */
  readonly size: number;
  /** As it is now; of one that is no more, as it was at the end where that is known. */
  readonly dimensions: TerminalSize;
  readonly isWriter: boolean;
  /**
   * Its bytes from that offset on: what was written, then what comes, until its process has gone or the signal aborts. Nothing waits in
   * memory for who takes long. Throws AppError `log_damaged`.
   */
  read(from: number, signal: AbortSignal): AsyncIterable<Buffer>;
  /**
   * Becomes the one who types. Throws AppError: `wrong_state` where another one is and it is not stolen, or where the run is over;
   * `unsupported` where the terminal is none for people.
   */
  take(options?: { readonly steal?: boolean }): void;
  release(): void;
  /**
   * Passes on what is typed, as if it were by one key after the other. Resolves when it is stored, and in the order of the calls; what
   * comes meanwhile is stored together. Throws AppError `wrong_state`, `shutting_down`.
   */
  type(bytes: Uint8Array): Promise<void>;
  /** Throws AppError `wrong_state`: by the one who types. */
  resize(size: TerminalSize): void;
  leave(): void;
}
