import { terminalRoute, type TerminalServerFrame } from '../contracts/terminal-socket.ts';
import type { AttachedTerminal, AttachOptions, TerminalItem } from './attached-terminal.ts';
import { ProblemError } from './problem-error.ts';
import type { Connection } from './requests.ts';
import { SocketLine } from './socket-line.ts';

/** Opens the terminal of a run; the connection is made when somebody begins to read. */
export function attachTerminal(connection: Connection, runId: string, options: AttachOptions = {}): AttachedTerminal {
  return new Attached(connection, runId, options);
}

class Attached implements AttachedTerminal {
  readonly #path: string;
  readonly #line: SocketLine;
  readonly #maxWaitingBytes: number;
  /** Behind the last byte that has come. */
  #from: number;
  /** Types, or is to type again when the connection is back. */
  #isWriter: boolean;
  #wasConnected = false;
  #waiting: TerminalItem[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection, runId: string, options: AttachOptions) {
    const { from = 0, write = false, maxRetries, maxWaitingBytes = 4 * 1024 * 1024 } = options;
    this.#path = terminalRoute.replace(':runId', encodeURIComponent(runId));
    this.#from = from;
    this.#isWriter = write;
    this.#maxWaitingBytes = maxWaitingBytes;
    this.#line = new SocketLine(connection, {
      maxRetries,
      path: () => `${this.#path}?from=${this.#from}&write=${this.#isWriter}`,
      onOpen: () => undefined,
      onData: (data) =>
        typeof data === 'string' ? this.#hear(JSON.parse(data) as TerminalServerFrame) : this.#see(data),
      onLost: () => undefined,
      onFailure: (error) => this.#end(error),
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TerminalItem, void> {
    try {
      for (;;) {
        if (this.#waiting.length === 0) {
          if (this.#error !== undefined) throw this.#error;
          if (this.#isOver) return;
          const news = new Promise<void>((resolve) => (this.#wake = resolve));
          this.#line.open();
          await news;
        }
        const waiting = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        yield* waiting;
      }
    } finally {
      this.close();
    }
  }

  type(bytes: Uint8Array): boolean {
    return this.#line.send(new Uint8Array(bytes));
  }

  resize({ rows, cols }: { readonly rows: number; readonly cols: number }): boolean {
    return this.#line.send(JSON.stringify({ type: 'resize', rows, cols }));
  }

  take(options: { readonly steal?: boolean } = {}): boolean {
    return this.#line.send(JSON.stringify({ type: 'take', ...options }));
  }

  release(): boolean {
    return this.#line.send(JSON.stringify({ type: 'release' }));
  }

  close(): void {
    this.#waiting = [];
    this.#end();
  }

  #see(data: ArrayBuffer): void {
    const bytes = new Uint8Array(data);
    this.#from += bytes.length;
    this.#waitingBytes += bytes.length;
    this.#add(bytes);
    // The server keeps the bytes better than we do: what is still on its way is asked for again.
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#line.close();
  }

  /** What a newer server may say besides is not known here. */
  #hear(frame: TerminalServerFrame): void {
    switch (frame.type) {
      case 'terminal':
        this.#from = frame.offset;
        // Later it may be our own connection, which is lost, that still has the keyboard.
        if (!this.#wasConnected) this.#isWriter = frame.isWriter;
        this.#wasConnected = true;
        return this.#add(frame);
      case 'writer':
        this.#isWriter = frame.isWriter;
        return this.#add(frame);
      case 'resized':
        return this.#add(frame);
      case 'ended':
        this.#add(frame);
        return this.#end();
      case 'error':
        // A log that is damaged is so the next time, too.
        if (frame.problem.status === 500) return this.#end(new ProblemError(frame.problem));
        return this.#add(frame);
      default:
    }
  }

  #add(item: TerminalItem): void {
    this.#waiting.push(item);
    this.#wake?.();
  }

  #end(error?: Error): void {
    this.#isOver = true;
    this.#error ??= error;
    this.#line.close();
    this.#wake?.();
  }
}
