/** Work on one thing after the other, in the order in which it came: what is read at its beginning still holds at its end. */
export class Serially<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  async run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    // Whether the one before succeeded is for those who asked for it.
    const done = before.then(work, work);
    this.#last.set(key, done);
    try {
      return await done;
    } finally {
      if (this.#last.get(key) === done) this.#last.delete(key);
    }
  }
}
