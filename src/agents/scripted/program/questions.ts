import type { Command } from '../wire.ts';

/** What the program was told; the decision alone in most cases. */
export type Answer = Omit<Extract<Command, { type: 'permission_answer' }>, 'type' | 'id'>;

const denial: Answer = { decision: 'deny' };

/** The permissions that the program has asked for and that nobody has answered yet. */
export class Questions {
  readonly #open = new Map<string, (answer: Answer) => void>();
  #isClosed = false;

  /** Waits for the first answer; where nobody can answer any more, it is a denial. */
  ask(id: string): Promise<Answer> {
    if (this.#isClosed) return Promise.resolve(denial);
    return new Promise((resolve) => this.#open.set(id, resolve));
  }

  answer(id: string, answer: Answer): void {
    this.#open.get(id)?.(answer);
    this.#open.delete(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#open.keys()]) this.answer(id, denial);
  }
}
