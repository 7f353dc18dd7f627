import type { LoggedEvent } from './event-log.ts';

/**
 * Consecutive events, as they were committed or read together. One batch goes to all readers that want it, and what a transport makes
 * of it is made once for all of them.
 */
export class EventBatch {
  readonly events: readonly LoggedEvent[];
  readonly #prepared = new Map<BatchFormat<unknown>, unknown>();

  constructor(events: readonly LoggedEvent[]) {
    this.events = events;
  }

  /** The newest `seq`; 0 where there are no events. */
  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** In characters of JSON. */
  get chars(): number {
    let chars = 0;
    for (const { json } of this.events) chars += json.length;
    return chars;
  }

  /** The part beyond a place: mostly the whole. */
  beyond(seq: number): EventBatch {
    const [first] = this.events;
    return first === undefined || first.seq > seq ? this : new EventBatch(this.events.filter((one) => one.seq > seq));
  }

  /** The batch as a transport sends it. The same function must be given for the same form. */
  as<Form>(format: BatchFormat<Form>): Form {
    const prepared = this.#prepared.get(format) as Form | undefined;
    if (prepared !== undefined) return prepared;
    const made = format(this.events);
    this.#prepared.set(format, made);
    return made;
  }
}

/** Turns events into what one transport sends, say bytes. */
export type BatchFormat<Form> = (events: readonly LoggedEvent[]) => Form;
