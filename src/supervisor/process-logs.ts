import type { AppendedEvent } from '../log/event-log.ts';
import type { LogLine } from '../holder/line-reader.ts';
import { LineReader } from '../holder/line-reader.ts';
import type { ProcessFiles } from '../holder/process-directory.ts';

/** A line, and of which stream. */
export interface StreamLine extends LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** Its end never came, and nothing more will. */
  readonly isPartial: boolean;
}

export interface LogsRead {
  readonly lines: readonly StreamLine[];
  /** `log.truncated`, where a log has become shorter. */
  readonly events: readonly AppendedEvent[];
  readonly hasMore: boolean;
}

/** How much is read of one file before others have their turn. */
const budgetBytes = 64 * 1024;
const buffer = Buffer.allocUnsafe(budgetBytes);

/** The stdout and stderr of one process, read on from where the last commit ended. Order holds within a stream. */
export class ProcessLogs {
  readonly #streams: readonly { readonly stream: 'stdout' | 'stderr'; readonly reader: LineReader }[];
  readonly #out: LineReader;
  readonly #err: LineReader;

  constructor(files: Pick<ProcessFiles, 'out' | 'err'>, offsets: { readonly out: number; readonly err: number }) {
    this.#out = new LineReader(files.out, offsets.out);
    this.#err = new LineReader(files.err, offsets.err);
    this.#streams = [
      { stream: 'stdout', reader: this.#out },
      { stream: 'stderr', reader: this.#err },
    ];
  }

  get offsets(): { outOffset: number; errOffset: number } {
    return { outOffset: this.#out.offset, errOffset: this.#err.offset };
  }

  read(): LogsRead {
    const lines: StreamLine[] = [];
    const events: AppendedEvent[] = [];
    let hasMore = false;
    for (const { stream, reader } of this.#streams) {
      const read = reader.read(buffer);
      for (const line of read.lines) lines.push({ ...line, stream, isPartial: false });
      if (read.truncated !== null) events.push({ type: 'log.truncated', data: { stream, ...read.truncated } });
      hasMore ||= read.hasMore;
    }
    return { lines, events, hasMore };
  }

  /** What has no line end, once nothing will be written any more. */
  rest(): StreamLine[] {
    return this.#streams.flatMap(({ stream, reader }) => {
      const line = reader.rest();
      return line === null ? [] : [{ ...line, stream, isPartial: true }];
    });
  }

  close(): void {
    for (const { reader } of this.#streams) reader.close();
  }
}
