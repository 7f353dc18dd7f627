import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DamagedFrame } from '../../holder/sealed-frame.ts';
import { readLogRange } from '../../holder/read-log-range.ts';
import { AppError } from '../../kernel/app-error.ts';

/** The log of a terminal, and how one hears of what is new in it. */
export interface TerminalLog {
  readonly path: string;
  readonly sealedPath: string;
  /** Nothing will be written any more. */
  readonly isOver: boolean;
  /** Calls back whenever something may be new, or it is over; returns what ends that. */
  subscribe(listen: () => void): () => void;
}

/** How many bytes there are now. */
export function sizeOf({ path }: Pick<TerminalLog, 'path'>): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Its bytes from there on, in pieces of a megabyte at most, until it is over. Each is read when it is asked for. */
export async function* readTerminal(log: TerminalLog, from: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  let hasNews = true;
  let wake: (() => void) | undefined;
  const listen = () => {
    hasNews = true;
    wake?.();
  };
  const isGone = () => signal.aborted;
  const unsubscribe = log.subscribe(listen);
  signal.addEventListener('abort', listen, { once: true });
  try {
    for (let position = from; !isGone();) {
      // Both before its size is looked up: what comes in between is seen the next time.
      hasNews = false;
      const { isOver } = log;
      const size = sizeOf(log);
      if (size > position) {
        for await (const bytes of readRange(log, position, size - 1)) {
          position += bytes.length;
          yield bytes;
          if (isGone()) return;
        }
      } else if (isOver) {
        return;
      } else {
        // One that was cut short goes on from its new end.
        position = size;
        if (!isNews()) await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', listen);
  }

  function isNews(): boolean {
    return hasNews;
  }
}

async function* readRange(
  { path, sealedPath }: TerminalLog,
  first: number,
  last: number,
): AsyncGenerator<Buffer, void> {
  try {
    // A few bytes of their own: what waits on a socket must not hold the whole buffer that they were read into.
    for await (const bytes of readLogRange(await open(path), { path, sealedPath, first, last }))
      yield Buffer.from(bytes);
  } catch (error) {
    if (!(error instanceof DamagedFrame)) throw error;
    throw new AppError('log_damaged', error.message, {}, { cause: error });
  }
}
