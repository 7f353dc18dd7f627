/** Where a reader has the bytes of a log from. */
export interface ByteSource {
  /** Fills the buffer from this position on as far as there are bytes; returns how many. 0 also where there is no log yet. */
  read(buffer: Buffer, position: number): number;
  /** Bytes that are there; null where there is no log yet. */
  size(): number | null;
  /** The log has become shorter than it was: what was known of its earlier bytes holds no more. */
  restart(): void;
  close(): void;
}
