/** CLOCK_MONOTONIC: one clock for all processes of the machine, which the emitter's stamps are of, too. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

export const nsPerMs = 1_000_000;
export const nsPerSecond = 1_000_000_000;
