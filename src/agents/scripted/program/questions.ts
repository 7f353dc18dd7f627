export type Decision = 'allow' | 'deny';

/** The permissions that the program has asked for and that nobody has answered yet. */
export class Questions {
  readonly #open = new Map<string, (decision: Decision) => void>();
  #isClosed = false;

  /** Waits for the first answer; where nobody can answer any more, it is a denial. */
  ask(id: string): Promise<Decision> {
    if (this.#isClosed) return Promise.resolve('deny');
    return new Promise((resolve) => this.#open.set(id, resolve));
  }

  answer(id: string, decision: Decision): void {
    this.#open.get(id)?.(decision);
    this.#open.delete(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#open.keys()]) this.answer(id, 'deny');
  }
}
