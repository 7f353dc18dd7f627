import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Farewell } from './process-exit.ts';

export interface RestOptions {
  /** Since when the process has been idle; null: it has a turn, or leaves. */
  readonly idleSince: string | null;
  readonly clock: Clock;
  /** How long it may take to leave by itself, in milliseconds. */
  readonly closeGraceMs: number;
  /** Ends it, where it does not leave by itself. */
  readonly stop: () => void;
}

/** The time in which a process has no turn: it waits for the next, or is on its way out. */
export class Rest {
  readonly #options: RestOptions;
  #idleSince: string | null;
  #farewell: Farewell | null = null;
  #closeTimer: Timer | undefined;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#idleSince = options.idleSince;
  }

  /** Null where it has a turn or leaves. */
  get idleSince(): string | null {
    return this.#idleSince;
  }

  /** Why it was told to leave, where it was. */
  get farewell(): Farewell | null {
    return this.#farewell;
  }

  /** It waits for its next turn. */
  begin(at: string): void {
    this.#idleSince = at;
  }

  /** It has its next turn. */
  end(): void {
    this.#idleSince = null;
  }

  /** It has waited for long enough and is told to leave. */
  leave(): void {
    this.#idleSince = null;
    this.#farewell = 'idle';
    this.closeInTime();
  }

  /** Its input has ended: where it does not leave by itself it is made to; its run has its result already. */
  closeInTime(): void {
    const { clock, closeGraceMs, stop } = this.#options;
    this.#closeTimer ??= clock.setTimer(closeGraceMs, () => {
      this.#farewell ??= 'hang';
      stop();
    });
  }

  /** Nothing more is done by this server. */
  detach(): void {
    this.#closeTimer?.cancel();
  }
}
