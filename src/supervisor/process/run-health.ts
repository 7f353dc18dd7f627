import type { EventData } from '../../contracts/events.ts';
import type { LiveRun } from '../../contracts/resources.ts';
import { RunClocks } from '../../domain/run-clocks.ts';
import type { ClockLimits, Suspension } from '../../domain/run-clocks.ts';
import type { Identity } from '../../holder/identity.ts';
import type { TreeUsage } from '../../holder/tree-usage.ts';
import { hasWorked, readTreeUsage, recentProcesses } from '../../holder/tree-usage.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { RunRow } from '../../store/rows.ts';
import { Activity } from './activity.ts';

const longestLookMs = 10_000;

interface Sample {
  readonly usage: TreeUsage;
  readonly at: number;
}

/** How a run is: how long it has been silent, what its tree uses, what it does, and whether it has gone beyond a limit. */
export class RunHealth {
  readonly #clock: Clock;
  readonly #limits: ClockLimits;
  readonly #activity = new Activity();
  /** Looking at a tree costs something, and needs not be done more often than a few times within a limit. */
  readonly #lookEveryMs: number;
  #clocks: RunClocks;
  #hasBytes = false;
  /** Since the clocks were told last. */
  #bytesAt: number | null = null;
  #progressAt: number | null = null;
  #state: RunRow['state'] | null = null;
  #sample: Sample | null = null;

  constructor(clock: Clock, limits: ClockLimits) {
    this.#clock = clock;
    this.#limits = limits;
    const shortestMs = Math.min(limits.silenceMs ?? Infinity, limits.progressMs ?? Infinity);
    this.#lookEveryMs = Math.min(shortestMs / 16, longestLookMs);
    this.#clocks = new RunClocks({ limits, at: clock.monotonic() });
  }

  /** A turn begins, or is taken up: what it had used of its time under another server still counts. */
  begin(run: Pick<RunRow, 'state' | 'startedAt' | 'since' | 'pausedMs'>, hasBytes = false): void {
    const at = this.#clock.monotonic();
    const end = run.state === 'paused' ? Date.parse(run.since) : this.#clock.now();
    const started = run.startedAt === null ? end : Date.parse(run.startedAt);
    this.#clocks = new RunClocks({
      limits: this.#limits,
      at,
      elapsedTotalMs: Math.max(0, end - started - run.pausedMs),
    });
    this.#activity.reset();
    this.#hasBytes = hasBytes;
    this.#bytesAt = null;
    this.#progressAt = null;
    if (hasBytes) this.#clocks.bytes(at);
    this.#sample = null;
    this.#state = null;
    this.stateChanged(run);
  }

  /** What the agent wrote has been read, and these events came of it. Thousands of times a second: the clocks are told when they are read. */
  took(events: readonly AppendedEvent[]): void {
    this.#hasBytes = true;
    this.#bytesAt = this.#clock.monotonic();
    if (this.#activity.take(events)) this.#progressAt = this.#bytesAt;
  }

  /** Drover itself did something to the run, which shows in what it does. */
  tell(events: readonly AppendedEvent[]): void {
    this.#activity.take(events);
  }

  /** Clocks stand still while the run is paused, and those of hanging while a person is asked. */
  stateChanged({ state }: Pick<RunRow, 'state'>): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tellClocks();
    const at = this.#clock.monotonic();
    const suspended: readonly [Suspension, boolean][] = [
      ['paused', state === 'paused'],
      ['permission', state === 'awaiting_permission'],
    ];
    for (const [why, isSuspended] of suspended) {
      if (isSuspended) this.#clocks.suspend(at, why);
      else this.#clocks.resume(at, why);
    }
  }

  /** The limit that the run has gone beyond. Looks at its tree only where it has been quiet for long. */
  check(identity: Identity): EventData<'run.limit_reached'> | null {
    this.#tellClocks();
    const at = this.#clock.monotonic();
    if (this.#clocks.isQuiet(at) && at - (this.#sample?.at ?? -Infinity) >= this.#lookEveryMs) this.#look(identity, at);
    return this.#clocks.verdict(at);
  }

  live(identity: Identity): LiveRun {
    this.#tellClocks();
    const { silentMs, sinceProgressMs } = this.#clocks.snapshot(this.#clock.monotonic());
    const usage = readTreeUsage(identity, recentProcesses);
    return {
      doing: this.#activity.doing,
      pid: identity.agent.pid,
      silentMs: this.#hasBytes ? Math.round(silentMs) : null,
      sinceProgressMs: this.#hasBytes ? Math.round(sinceProgressMs) : null,
      cpuMs: usage?.cpuMs ?? null,
      memoryBytes: usage?.memoryBytes ?? null,
      processes: usage?.processes ?? null,
    };
  }

  #tellClocks(): void {
    if (this.#bytesAt === null) return;
    this.#clocks.bytes(this.#bytesAt);
    if (this.#progressAt !== null) this.#clocks.progress(this.#progressAt);
    this.#clocks.tools(this.#activity.openTools, this.#bytesAt);
    this.#bytesAt = null;
    this.#progressAt = null;
  }

  #look(identity: Identity, at: number): void {
    const usage = readTreeUsage(identity, recentProcesses);
    if (usage === null) return;
    const before = this.#sample;
    this.#sample = { usage, at };
    if (before !== null && hasWorked(before.usage, usage, at - before.at)) this.#clocks.cpu(at);
  }
}
