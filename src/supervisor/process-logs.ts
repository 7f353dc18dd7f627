import type { LogLine } from '../holder/line-reader.ts';
import { LineReader } from '../holder/line-reader.ts';
import { LogBytes } from '../holder/log-bytes.ts';
import type { ProcessFiles } from '../holder/process-directory.ts';
import { frameBytes } from '../holder/sealed-frame.ts';
import type { AppendedEvent } from '../log/event-log.ts';

export type LogStream = 'stdout' | 'stderr';

/** Lines that follow one another in one stream. */
export interface LogPiece {
  readonly stream: LogStream;
  readonly lines: readonly LogLine[];
  /** The end of its one line never came, and nothing more will. */
  readonly isPartial: boolean;
}

export interface LogsRead {
  readonly pieces: readonly LogPiece[];
  /** `log.truncated`, where a log has become shorter. */
  readonly events: readonly AppendedEvent[];
  readonly hasMore: boolean;
  /** Another frame of a log has been read: once this is stored, it may be sealed. */
  readonly isFrameComplete: boolean;
}

export const nothingRead: LogsRead = { pieces: [], events: [], hasMore: false, isFrameComplete: false };

/** How much is read of one file before others have their turn. */
const budgetBytes = 64 * 1024;
const buffer = Buffer.allocUnsafe(budgetBytes);

/** The stdout and stderr of one process, read on from where the last commit ended. Order holds within a stream. */
export class ProcessLogs {
  readonly #readers: ReadonlyMap<LogStream, LineReader>;
  readonly #out: LineReader;
  readonly #err: LineReader;

  constructor(files: ProcessFiles, offsets: { readonly out: number; readonly err: number }) {
    this.#out = new LineReader(new LogBytes(files.out, files.outSealed), offsets.out);
    this.#err = new LineReader(new LogBytes(files.err, files.errSealed), offsets.err);
    this.#readers = new Map([
      ['stdout', this.#out],
      ['stderr', this.#err],
    ]);
  }

  get offsets(): { outOffset: number; errOffset: number } {
    return { outOffset: this.#out.offset, errOffset: this.#err.offset };
  }

  /** What is new in these streams: mostly it is known which of them has grown, and each look is a system call. */
  read(streams: Iterable<LogStream> = this.#readers.keys()): LogsRead {
    const pieces: LogPiece[] = [];
    const events: AppendedEvent[] = [];
    let hasMore = false;
    let isFrameComplete = false;
    for (const stream of streams) {
      const reader = this.#readers.get(stream);
      if (reader === undefined) continue;
      const frame = frameAt(reader.offset);
      const read = reader.read(buffer);
      isFrameComplete ||= frameAt(reader.offset) > frame;
      if (read.lines.length > 0) pieces.push({ stream, lines: read.lines, isPartial: false });
      if (read.truncated !== null) events.push({ type: 'log.truncated', data: { stream, ...read.truncated } });
      hasMore ||= read.hasMore;
    }
    return { pieces, events, hasMore, isFrameComplete };
  }

  /** What has no line end, once nothing will be written any more. */
  rest(): LogPiece[] {
    return [...this.#readers].flatMap(([stream, reader]) => {
      const line = reader.rest();
      return line === null ? [] : [{ stream, lines: [line], isPartial: true }];
    });
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }
}

function frameAt(offset: number): number {
  return Math.floor(offset / frameBytes);
}
