import type { ProcessId } from '../../../contracts/ids.ts';
import type { LogLine } from '../../../holder/line-reader.ts';
import { LineReader } from '../../../holder/line-reader.ts';
import { LogBytes } from '../../../holder/log-bytes.ts';
import type { ProcessFiles } from '../../../holder/process-directory.ts';
import { frameBytes } from '../../../holder/sealed-frame.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { AppendedEvent } from '../../../log/event-log.ts';
import type { ProcessRow } from '../../../store/rows.ts';
import type { RangeRead } from './range-reader.ts';
import { RangeReader } from './range-reader.ts';

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
  /** `terminal.output`, where a screen was drawn on; `log.truncated`, where a log has become shorter. */
  readonly events: readonly AppendedEvent[];
  readonly hasMore: boolean;
  /** Another frame of a log has been read: once this is stored, it may be sealed. */
  readonly isFrameComplete: boolean;
}

/** Whether something was read, or is still to be. */
export function hasAnything({ pieces, events, hasMore }: LogsRead): boolean {
  return hasMore || pieces.length + events.length > 0;
}

export const nothingRead: LogsRead = { pieces: [], events: [], hasMore: false, isFrameComplete: false };

/** How much is read of one file before others have their turn. */
const budgetBytes = 64 * 1024;
const buffer = Buffer.allocUnsafe(budgetBytes);

/** The stdout and stderr of one process, read on from where the last commit ended. Order holds within a stream. */
export class ProcessLogs {
  readonly #processId: ProcessId;
  readonly #readers: ReadonlyMap<LogStream, LineReader | RangeReader>;
  readonly #out: LineReader | RangeReader;
  readonly #err: LineReader;

  /** `isScreen`: what stands in stdout is for eyes, and nobody cuts it into lines. */
  constructor(
    { id, outOffset, errOffset }: Pick<ProcessRow, 'id' | 'outOffset' | 'errOffset'>,
    files: ProcessFiles,
    clock: Pick<Clock, 'monotonic'>,
    isScreen: boolean,
  ) {
    this.#processId = id;
    const out = new LogBytes(files.out, files.outSealed);
    this.#out = isScreen ? new RangeReader(out, outOffset, clock) : new LineReader(out, outOffset);
    this.#err = new LineReader(new LogBytes(files.err, files.errSealed), errOffset);
    this.#readers = new Map([
      ['stdout', this.#out],
      ['stderr', this.#err],
    ]);
  }

  get offsets(): { outOffset: number; errOffset: number } {
    return { outOffset: this.#out.offset, errOffset: this.#err.offset };
  }

  /**
   * What is new in these streams: mostly it is known which of them has grown, and each look is a system call. Of all streams where nothing
   * more will be written.
   */
  read(streams?: Iterable<LogStream>): LogsRead {
    const pieces: LogPiece[] = [];
    const events: AppendedEvent[] = [];
    let hasMore = false;
    let isFrameComplete = false;
    for (const stream of streams ?? this.#readers.keys()) {
      const reader = this.#readers.get(stream);
      if (reader === undefined) continue;
      const frame = frameAt(reader.offset);
      const isLast = streams === undefined;
      const read: RangeRead =
        reader instanceof RangeReader ? reader.read(isLast) : { ...reader.read(buffer), range: null };
      isFrameComplete ||= frameAt(reader.offset) > frame;
      if (read.lines.length > 0) pieces.push({ stream, lines: read.lines, isPartial: false });
      if (read.truncated !== null) events.push({ type: 'log.truncated', data: { stream, ...read.truncated } });
      if (read.range !== null) {
        events.push({ type: 'terminal.output', data: { processId: this.#processId, ...read.range } });
      }
      hasMore ||= read.hasMore;
    }
    return { pieces, events, hasMore, isFrameComplete };
  }

  /** What has no line end, once nothing will be written any more. */
  rest(): LogPiece[] {
    return [...this.#readers].flatMap(([stream, reader]) => {
      const line = reader instanceof RangeReader ? null : reader.rest();
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
