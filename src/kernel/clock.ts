/** The one source of time: everything else takes a Clock through its constructor, so that tests can own it. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch: for people and records, never for measuring. */
  now(): number;
  /** Milliseconds that only grow, whatever happens to the wall clock: for limits and durations. */
  monotonic(): number;
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`, or at once when the signal aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal?.addEventListener('abort', done, { once: true });
    });
  },
};

/** Time as it stands on the wire and on disk: a UTC string. Asked for thousands of times a second, and mostly the same as before. */
export function toTimestamp(clock: Pick<Clock, 'now'>): string {
  const ms = clock.now();
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}

let latest = { ms: Number.NaN, text: '' };
