import type { StdinMessage } from '../../agents/driver.ts';
import type { ProcessId, SessionId } from '../../contracts/ids.ts';
import { wake } from '../../holder/control.ts';
import { spoolSize, writeFrame } from '../../holder/spool.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { StdinRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';

const frameHeaderBytes = 4;

/**
 * What goes to an agent's stdin. A message is a row before it is bytes: it gets its place in the spool here, is committed by the
 * caller, and only then written, in the order of its place, for the holder takes a hole for an end.
 */
export class StdinSpool {
  readonly #directory: string;
  readonly #processId: ProcessId;
  readonly #sessionId: SessionId;
  #offset: number;
  #isClosed = false;
  #unwritten: StdinRow[] = [];
  /** Of every message that was ever given a place: a key is written once. */
  readonly #known = new Set<string>();
  #committed = new Set<string>();

  constructor(at: { directory: string; processId: ProcessId; sessionId: SessionId; offset: number }) {
    this.#directory = at.directory;
    this.#processId = at.processId;
    this.#sessionId = at.sessionId;
    this.#offset = at.offset;
  }

  /**
   * Gives the message its place; call `commit` with the returned writes once they are committed. No writes: the message is dropped,
   * because its key was used before or the input has ended.
   */
  add({ key, text }: StdinMessage): Write[] {
    if (this.#isClosed || this.#known.has(key)) return [];
    this.#known.add(key);
    const row: StdinRow = {
      id: `${this.#processId}/${key}`,
      processId: this.#processId,
      sessionId: this.#sessionId,
      offset: this.#offset,
      payload: text,
    };
    this.#isClosed = text === '';
    this.#offset += frameHeaderBytes + Buffer.byteLength(text);
    this.#unwritten.push(row);
    return [
      { table: 'stdin_messages', insert: row },
      { table: 'processes', id: this.#processId, patch: { stdinOffset: this.#offset } },
    ];
  }

  /** What somebody types: each piece is one of its own, whatever was typed before. */
  addTyped(text: string): Write[] {
    return this.add({ key: `typed-${this.#offset}`, text });
  }

  /** A message under this key was given its place before. */
  knows(key: string): boolean {
    return this.#known.has(key);
  }

  /** Nothing can be added any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The end of input, after all messages before it. */
  addEnd(): Write[] {
    return this.add({ key: 'end', text: '' });
  }

  /**
   * Takes up the messages that an earlier server committed; whether it wrote them all is not known, so they are written again. Where the
   * agent was started, what lies within the spool is left as it is: of a person who typed for hours these are many.
   */
  restore(rows: readonly StdinRow[], wasStarted: boolean): void {
    const written = wasStarted ? spoolSize(this.#directory) : 0;
    this.#unwritten = rows.filter((row) => row.offset + frameHeaderBytes + Buffer.byteLength(row.payload) > written);
    this.#committed = new Set(this.#unwritten.map((row) => row.id));
    for (const { id } of rows) this.#known.add(id.slice(this.#processId.length + 1));
    this.#isClosed = rows.some((row) => row.payload === '');
  }

  /** Takes note that these writes are committed, so that the next `flush` writes what they hold. */
  commit(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.table === 'stdin_messages' && 'insert' in write) this.#committed.add(write.insert.id);
    }
  }

  /** Writes what is committed and not written, in order: a message waits for those before it. Throws as the file system does. */
  flush(): void {
    let row = this.#unwritten[0];
    if (row === undefined) return;
    while (row !== undefined && this.#committed.has(row.id)) {
      writeFrame(this.#directory, row.offset, Buffer.from(row.payload));
      this.#committed.delete(row.id);
      this.#unwritten.shift();
      row = this.#unwritten[0];
    }
    wake(this.#directory);
  }

  /** What cannot be written now keeps its place, for the next try. */
  tryToFlush(logger: Pick<Logger, 'warn'>): void {
    try {
      this.flush();
    } catch (error) {
      const processId = this.#processId;
      logger.warn({ err: error, processId }, 'Could not write to the spool of an agent; trying again');
    }
  }
}
