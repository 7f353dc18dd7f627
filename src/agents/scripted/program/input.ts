/** Who is told what comes on stdin. */
export interface Listener {
  line(text: string): void;
  end(): void;
}

/** The program's stdin: lines, and on demand the bytes behind the last line as they are. */
export class Input {
  readonly #listener: Listener;
  #rest: Buffer[] = [];
  #demand: Demand | null = null;
  #hasEnded = false;

  constructor(listener: Listener) {
    this.#listener = listener;
    process.stdin.on('data', (chunk: Buffer) => this.#receive(chunk));
    process.stdin.once('end', () => this.#end());
  }

  /** The next bytes; fewer where stdin ends or the signal aborts before. */
  async takeBytes(count: number, signal: AbortSignal): Promise<Buffer> {
    const demand = (this.#demand = new Demand(count));
    const stop = (): void => demand.finish();
    signal.addEventListener('abort', stop, { once: true });
    this.#receive(Buffer.concat(this.#rest.splice(0)));
    if (this.#hasEnded) stop();
    return demand.bytes.finally(() => signal.removeEventListener('abort', stop));
  }

  #receive(chunk: Buffer): void {
    const left = this.#demand?.take(chunk) ?? chunk;
    if (this.#demand?.isMet === true) this.#demand = null;
    if (left.length > 0) this.#readLines(left);
  }

  #readLines(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      this.#rest.push(chunk.subarray(start, end));
      this.#readLine();
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
  }

  #readLine(): void {
    const line = Buffer.concat(this.#rest.splice(0)).toString();
    if (line.trim() !== '') this.#listener.line(line);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#demand?.finish();
    this.#readLine();
    this.#listener.end();
  }
}

/** Bytes that somebody waits for. */
class Demand {
  readonly bytes: Promise<Buffer>;
  isMet = false;
  readonly #resolve: (bytes: Buffer) => void;
  readonly #parts: Buffer[] = [];
  #missing: number;

  constructor(count: number) {
    this.#missing = count;
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.bytes = promise;
    this.#resolve = resolve;
  }

  /** Takes what is missing and gives the rest back. */
  take(chunk: Buffer): Buffer {
    if (this.isMet) return chunk;
    const part = chunk.subarray(0, this.#missing);
    this.#parts.push(part);
    this.#missing -= part.length;
    if (this.#missing === 0) this.finish();
    return chunk.subarray(part.length);
  }

  finish(): void {
    this.isMet = true;
    this.#resolve(Buffer.concat(this.#parts));
  }
}
