import { StringDecoder } from 'node:string_decoder';

/**
 * What one person types, on its way to be stored: one commit at a time, and whatever is typed meanwhile is the next. It is stored as
 * text: a character that comes in pieces waits for its end, and bytes that are no UTF-8 become U+FFFD.
 */
export class Typing {
  readonly #store: (text: string) => Promise<void>;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(store: (text: string) => Promise<void>) {
    this.#store = store;
  }

  /** Resolves when these bytes are stored; rejects where they are not, and then nothing that waited with them is. */
  add(bytes: Uint8Array): Promise<void> {
    this.#text += this.#decoder.write(bytes);
    this.#next ??= this.#storeAfter(this.#last);
    return this.#next;
  }

  async #storeAfter(last: Promise<void>): Promise<void> {
    await last.catch(() => undefined);
    const text = this.#text;
    this.#text = '';
    this.#last = this.#next ?? last;
    this.#next = null;
    if (text !== '') await this.#store(text);
  }
}
