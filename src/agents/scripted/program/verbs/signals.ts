import type { Perform } from './performers.ts';

/** From now on, for the rest of the process's life. */
export const ignoreSignals: Perform<'ignoreSignals'> = ({ signals }) => {
  for (const signal of signals) {
    process.removeAllListeners(signal);
    process.on(signal, () => undefined);
  }
};

/** Sends itself a signal; goes on where that does not end it. */
export const kill: Perform<'kill'> = async ({ signal }) => {
  process.kill(process.pid, signal);
  await new Promise((resolve) => setImmediate(resolve));
};
