import type * as daemon from '../daemon.ts';
import type { Clock } from '../kernel/clock.ts';
import type { OwnTerminal } from './own-terminal.ts';

/** What a command sees of the world, so that tests can be the world. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Absent where stdin or stdout is none. */
  readonly terminal?: OwnTerminal | undefined;
  /** Calls back at every such signal; returns what ends that. */
  onSignal(signal: 'SIGINT' | 'SIGTERM', handle: () => void): () => void;
  /** Calls back with every line that is typed; returns what ends that. Nothing of stdin is read before. */
  onLine(handle: (line: string) => void): () => void;
  /** Leaves at once, whatever is under way. */
  exit(code: number): void;
  /** The server's side of the program, loaded only by the commands that need it. */
  loadDaemon(): Promise<Pick<typeof daemon, 'createDrivers' | 'startDaemon'>>;
}

export interface Output {
  readonly isTTY?: boolean;
  write(data: string | Uint8Array): unknown;
}
