import type { Config } from '../../config/config.ts';
import { expire } from '../../holder/control.ts';
import { readTreeUsage, recentProcesses } from '../../holder/tree-usage.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { ReadyProfile } from '../profiles.ts';
import type { SupervisedProcess } from '../process/supervised-process.ts';

/** How much later than the server the holder ends an idle process by itself: for when there is no server any more. */
const expiryGraceMs = 60_000;

/** Whether a process of this profile waits for another turn when one has ended. */
export function canStayWarm(
  { warm: { maxProcesses, idleMs } }: Pick<Config, 'warm'>,
  { driver, transport }: Pick<ReadyProfile, 'driver' | 'transport'>,
): boolean {
  return driver.capabilities.warm && transport === 'pipe' && maxProcesses > 0 && idleMs > 0;
}

/** The processes that wait for the next run of their session: for so long, so many, with so much memory. The oldest go first. */
export class WarmPool {
  readonly #limits: Config['warm'];
  readonly #clock: Clock;
  /** In the order in which they became idle. */
  readonly #idle = new Map<SupervisedProcess, Timer>();

  constructor({ warm }: Pick<Config, 'warm'>, clock: Clock) {
    this.#limits = warm;
    this.#clock = clock;
  }

  /** A process has no turn any more, or was taken up without one. */
  add(process: SupervisedProcess): void {
    if (this.#idle.has(process)) return;
    const idleForMs = Math.max(0, this.#clock.now() - Date.parse(process.status.since));
    const leftMs = Math.max(0, this.#limits.idleMs - idleForMs);
    this.#idle.set(
      process,
      this.#clock.setTimer(leftMs, () => this.retire(process)),
    );
    expire(process.files.directory, leftMs + expiryGraceMs);
    this.#shrink();
  }

  /** It has a turn again, or is gone. */
  remove(process: SupervisedProcess): void {
    this.#idle.get(process)?.cancel();
    this.#idle.delete(process);
  }

  /** Has it leave: its time is up, or somebody else needs its place. */
  retire(process: SupervisedProcess): void {
    this.remove(process);
    void process.retire();
  }

  stop(): void {
    for (const process of [...this.#idle.keys()]) this.remove(process);
  }

  #shrink(): void {
    const { maxProcesses, maxMemoryBytes } = this.#limits;
    const [oldest] = this.#idle.keys();
    if (oldest === undefined) return;
    if (this.#idle.size <= maxProcesses && (maxMemoryBytes === null || this.#memoryBytes() <= maxMemoryBytes)) return;
    this.retire(oldest);
    this.#shrink();
  }

  #memoryBytes(): number {
    let bytes = 0;
    for (const { identity } of this.#idle.keys())
      bytes += (identity && readTreeUsage(identity, recentProcesses)?.memoryBytes) ?? 0;
    return bytes;
  }
}
