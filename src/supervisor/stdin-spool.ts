import type { StdinMessage } from '../agents/driver.ts';
import type { ProcessId, SessionId } from '../contracts/ids.ts';
import { wake } from '../holder/control.ts';
import { writeFrame } from '../holder/spool.ts';
import type { StdinRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';

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

  /** The end of input, after all messages before it. */
  addEnd(): Write[] {
    return this.add({ key: 'end', text: '' });
  }

  /** Takes up the messages that an earlier server committed; whether it wrote them all is not known, so they are written again. */
  restore(rows: readonly StdinRow[]): void {
    this.#unwritten = [...rows];
    this.#committed = new Set(rows.map((row) => row.id));
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
}
