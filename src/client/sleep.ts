/** Resolves after `delayMs`, or at once when the signal aborts. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    // The client runs in its users' programs, where there is no kernel and no clock of ours.
    // eslint-disable-next-line no-restricted-globals
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
  });
}
