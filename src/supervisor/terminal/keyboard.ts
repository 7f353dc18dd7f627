import { AppError } from '../../kernel/app-error.ts';

/** Who types at a terminal: one at a time. */
export class Keyboard<Viewer extends { onWriter(isWriter: boolean): void }> {
  #writer: Viewer | null = null;

  isWriter(viewer: Viewer): boolean {
    return this.#writer === viewer;
  }

  /** Throws AppError `wrong_state` where another has it. */
  take(viewer: Viewer, steal: boolean): void {
    const before = this.#writer;
    if (before === viewer) return;
    if (before !== null && !steal) {
      throw new AppError(
        'wrong_state',
        'Somebody else types at this terminal; take it over, or wait until they leave it',
      );
    }
    this.#writer = viewer;
    before?.onWriter(false);
    viewer.onWriter(true);
  }

  release(viewer: Viewer): void {
    if (this.#writer !== viewer) return;
    this.#writer = null;
    viewer.onWriter(false);
  }

  /** Throws AppError `wrong_state` for everybody but the one who types. */
  check(viewer: Viewer): void {
    if (this.#writer !== viewer)
      throw new AppError('wrong_state', 'You only watch this terminal; take its keyboard first');
  }
}
