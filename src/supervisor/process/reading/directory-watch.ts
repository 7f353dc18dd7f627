import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Clock, Timer } from '../../../kernel/clock.ts';

/** inotify tells of most writes at once; its queue can overflow and its watches run out, so a sweep looks again. */
const sweepMs = 1_000;

/** Calls back when something in a process directory may have changed: at a write, and on every sweep. */
export class DirectoryWatch {
  readonly #clock: Clock;
  readonly #onChange: (file: string | null) => void;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, onChange: (file: string | null) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  start(directory: string): void {
    try {
      this.#watcher = watch(directory, { persistent: false }, (_event, file) => this.#onChange(file));
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No watches left (ENOSPC) or no directory: the sweep does it alone, up to a second late.
    }
    this.#sweep();
  }

  stop(): void {
    this.#watcher?.close();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = this.#clock.setTimer(sweepMs, () => {
      this.#sweep();
      this.#onChange(null);
    });
  }
}
