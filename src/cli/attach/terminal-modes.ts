/** What a program may switch on and a shell does not switch off, each with what does. */
const resets: ReadonlyMap<string, string> = new Map([
  ['?1h', '\x1b[?1l'], // keys of their own
  ['?25l', '\x1b[?25h'], // no cursor
  ['?47h', '\x1b[?47l'], // another screen, in three forms
  ['?1047h', '\x1b[?1047l'],
  ['?1049h', '\x1b[?1049l'],
  ['?1000h', '\x1b[?1000l'], // the mouse, in five
  ['?1002h', '\x1b[?1002l'],
  ['?1003h', '\x1b[?1003l'],
  ['?1006h', '\x1b[?1006l'],
  ['?1015h', '\x1b[?1015l'],
  ['?1004h', '\x1b[?1004l'], // focus
  ['?2004h', '\x1b[?2004l'], // pasting
]);

// eslint-disable-next-line no-control-regex -- control sequences are what this is about
const sequences = /\x1b\[(?:\?([\d;]+)([hl])|(>\d+u)|(>4;[12]m))/g;

/** The longest sequence that is looked for may be cut in two. */
const overlap = 32;

/** Remembers what a program has switched on in the terminal that shows it, for when one looks away from it. */
export class TerminalModes {
  readonly #on = new Set<string>();
  #rest = '';

  watch(bytes: Uint8Array): void {
    const text = this.#rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    for (const [, numbers, way, keys, others] of text.matchAll(sequences)) {
      if (keys !== undefined) this.#on.add('\x1b[<9u');
      else if (others !== undefined) this.#on.add('\x1b[>4m');
      else for (const number of numbers?.split(';') ?? []) this.#set(number, way);
    }
    this.#rest = text.slice(-overlap);
  }

  /** What makes it a terminal for others again. */
  get reset(): string {
    return `${[...this.#on].join('')}\x1b[0m`;
  }

  #set(number: string, way: string | undefined): void {
    for (const letter of ['h', 'l']) {
      const reset = resets.get(`?${number}${letter}`);
      if (reset === undefined) continue;
      if (letter === way) this.#on.add(reset);
      else this.#on.delete(reset);
    }
  }
}
