import { clockVerdict } from './clock-verdict.ts';
import type { ClockLimit, ClockVerdict } from './clock-verdict.ts';

/** How long a run may hang or last, in milliseconds; null: for ever. */
export interface ClockLimits {
  /** That the agent writes nothing and its tree uses no CPU. */
  readonly silenceMs: number | null;
  /** That nothing of meaning comes: no text, no thought, no tool call. Bytes do not count, CPU only while a tool call is open. */
  readonly progressMs: number | null;
  /** The run as a whole, less what it was paused. */
  readonly totalMs: number | null;
}

/** What the clocks show, in milliseconds. */
export interface ClockReadings {
  readonly silentMs: number;
  readonly sinceProgressMs: number;
  readonly totalMs: number;
}

/** Why clocks stand: a user has paused the run, or the agent waits for a user's word. */
export type Suspension = 'paused' | 'permission';

export interface RunClocksOptions {
  readonly limits: ClockLimits;
  /** When the run starts, or this server takes it up. */
  readonly at: number;
  /** What of the total an earlier server has seen. Silence and progress begin afresh. @default 0 */
  readonly elapsedTotalMs?: number;
}

/**
 * The clocks by which a run that hangs is told from one that works. They have no timers: every moment (`at`, milliseconds that only grow)
 * is passed in; one before the last counts as the last.
 *
 * Before asking for a verdict, read what the agent wrote, and where `isQuiet` says so look at its CPU: a server that was busy or stopped
 * must not take its own silence for the agent's.
 */
export class RunClocks {
  readonly #limits: ClockLimits;
  readonly #suspensions = new Set<Suspension>();
  #at: number;
  #readings: ClockReadings;
  #hasBytes = false;
  #openTools: readonly string[] = [];

  constructor({ limits, at, elapsedTotalMs = 0 }: RunClocksOptions) {
    this.#limits = limits;
    this.#at = at;
    this.#readings = { silentMs: 0, sinceProgressMs: 0, totalMs: elapsedTotalMs };
  }

  /** The agent wrote something. To be told once, too, of what it had written before this server took it up. */
  bytes(at: number): void {
    this.#hasBytes = true;
    this.#turnTo(at, { silentMs: 0 });
  }

  /** Something of meaning came: text, a thought, a tool call or its result, a plan, usage. */
  progress(at: number): void {
    this.#turnTo(at, { sinceProgressMs: 0 });
  }

  /** The tree worked since it was last looked at: as a silent build does, but also an agent that spins while its model has stalled. */
  cpu(at: number): void {
    this.#turnTo(at, this.#openTools.length > 0 ? { silentMs: 0, sinceProgressMs: 0 } : { silentMs: 0 });
  }

  /** The titles of the tool calls that are open from now on, the latest last. That one opens or closes is `progress` as well. */
  tools(openTitles: readonly string[], at: number): void {
    this.#turnTo(at);
    this.#openTools = openTitles;
  }

  /** Paused, all clocks stand; while a permission is awaited, silence and progress do. To say it twice changes nothing. */
  suspend(at: number, why: Suspension): void {
    this.#turnTo(at);
    this.#suspensions.add(why);
  }

  /** The clocks go on from where they stood, unless they stand for the other reason too. */
  resume(at: number, why: Suspension): void {
    this.#turnTo(at);
    this.#suspensions.delete(why);
  }

  snapshot(at: number): ClockReadings {
    const passedMs = Math.max(0, at - this.#at);
    const { silentMs, sinceProgressMs, totalMs } = this.#readings;
    const hangMs = this.#suspensions.size > 0 ? 0 : passedMs;
    return {
      silentMs: silentMs + hangMs,
      sinceProgressMs: sinceProgressMs + hangMs,
      totalMs: totalMs + (this.#suspensions.has('paused') ? 0 : passedMs),
    };
  }

  /** Null while the run may go on. A clock that stands does not run out: nothing is ended in its pause for what was before. */
  verdict(at: number): ClockVerdict | null {
    const out = this.#running(at).find(({ elapsedMs, limitMs }) => elapsedMs >= limitMs);
    if (out === undefined) return null;
    return clockVerdict(out.limit, out.limitMs, { hasBytes: this.#hasBytes, openTools: this.#openTools });
  }

  /** Whether to look at the tree's CPU: a quarter of a limit is over, and CPU would put it off. */
  isQuiet(at: number): boolean {
    return this.#running(at).some(({ elapsedMs, limitMs, heedsCpu }) => heedsCpu && elapsedMs >= limitMs / 4);
  }

  /**
   * When to look again if nothing is told until then; null where no clock with a limit runs. No clock runs out before, and there is one
   * look in each quarter of a limit that CPU puts off: so that the last look before the verdict speaks of its end, not of the whole.
   */
  nextCheckInMs(at: number): number | null {
    const waits = this.#running(at).map(({ elapsedMs, limitMs, heedsCpu }) => {
      const stepMs = heedsCpu ? limitMs / 4 : limitMs;
      return elapsedMs >= limitMs ? 0 : stepMs - (elapsedMs % stepMs);
    });
    return waits.length === 0 ? null : Math.min(...waits);
  }

  /** The clocks that do not stand and have a limit. The total first: what it ends is not to be tried again. */
  #running(at: number): RunningClock[] {
    const { silentMs, sinceProgressMs, totalMs } = this.snapshot(at);
    const isWorking = this.#openTools.length > 0;
    const total = { limit: 'total', limitMs: this.#limits.totalMs, elapsedMs: totalMs, heedsCpu: false } as const;
    const hangs = [
      { limit: 'silence', limitMs: this.#limits.silenceMs, elapsedMs: silentMs, heedsCpu: true },
      { limit: 'progress', limitMs: this.#limits.progressMs, elapsedMs: sinceProgressMs, heedsCpu: isWorking },
    ] as const;
    const running = this.#suspensions.size === 0 ? [total, ...hangs] : this.#suspensions.has('paused') ? [] : [total];
    return running.flatMap((clock) => (clock.limitMs === null ? [] : [{ ...clock, limitMs: clock.limitMs }]));
  }

  #turnTo(at: number, reset: Partial<ClockReadings> = {}): void {
    this.#readings = { ...this.snapshot(at), ...reset };
    this.#at = Math.max(this.#at, at);
  }
}

interface RunningClock {
  readonly limit: ClockLimit;
  readonly limitMs: number;
  readonly elapsedMs: number;
  /** CPU sets it back. */
  readonly heedsCpu: boolean;
}
