import type { ServerResponse } from 'node:http';

/** Whoever is connected to the relay. */
export class RelayReader {
  readonly #response: ServerResponse;
  #wake: () => void = () => undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' });
    response.flushHeaders();
    response.on('drain', () => this.#wake()).on('close', () => this.#wake());
  }

  /** False where the reader has to catch up first. */
  write(bytes: Buffer): boolean {
    return this.#response.write(bytes);
  }

  async drained(): Promise<void> {
    const response = this.#response;
    while (response.writableNeedDrain && !response.destroyed)
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  end(): void {
    this.#response.end();
  }
}
