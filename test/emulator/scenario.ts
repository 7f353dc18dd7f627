import { createGate, type Gate } from './gate.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { Reply, Script } from './reply.ts';

/** One scenario's script, the requests it has seen, and the streams it holds in a stall. */
export class Scenario {
  readonly requests: RecordedRequest[] = [];
  #script: Script = [];
  /** The model requests since the script was set. */
  #asked: RecordedRequest[] = [];
  #waiting: { readonly index: number; readonly resolve: (request: RecordedRequest) => void }[] = [];
  #stall = createGate();

  /** A new script starts from its first reply. */
  set script(script: Script) {
    this.#script = script;
    this.#asked = [];
  }

  /** Keeps a request that takes no reply. */
  record(request: RecordedRequest): void {
    this.requests.push(request);
  }

  /** Numbers a model request, keeps it and takes the reply whose turn it is. */
  take(request: RecordedRequest): { readonly numbered: RecordedRequest; readonly reply: Reply | undefined } {
    const index = this.#asked.length;
    const numbered = { ...request, index };
    this.requests.push(numbered);
    this.#asked.push(numbered);
    const due = this.#waiting.filter((waiter) => waiter.index === index);
    this.#waiting = this.#waiting.filter((waiter) => waiter.index !== index);
    for (const { resolve } of due) resolve(numbered);
    return { numbered, reply: this.#reply(numbered, index) };
  }

  /** Resolves with the script's model request of this number, when it has arrived. */
  request(index: number): Promise<RecordedRequest> {
    const seen = this.#asked[index];
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve) => this.#waiting.push({ index, resolve }));
  }

  /** What a stream that stalls now waits for. */
  get stall(): Gate {
    return this.#stall;
  }

  /** Lets the streams that are stalled now go on; later stalls stall again. */
  release(): void {
    this.#stall.open();
    this.#stall = createGate();
  }

  #reply(request: RecordedRequest, index: number): Reply | undefined {
    if (typeof this.#script === 'function') return this.#script(request, index);
    return this.#script[index] ?? this.#script.at(-1);
  }
}
