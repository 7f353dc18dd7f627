import type { Perform } from './performers.ts';
import { existsSync } from 'node:fs';
import { breathe, pause } from '../interruptible.ts';

export const sleep: Perform<'sleep'> = ({ ms }, { signal }) => pause(ms, signal);

/** Asks again and again: a watch would need a folder that exists, and one of the few inotify instances of the machine. */
export const waitForFile: Perform<'waitForFile'> = async ({ path }, { signal }) => {
  while (!existsSync(path)) await pause(20, signal);
};

/** Uses the CPU, in slices, between which an interruption is heard. */
export const busy: Perform<'busy'> = async ({ ms }, { signal }) => {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const pauseAt = Math.min(end, performance.now() + 10);
    while (performance.now() < pauseAt);
    await breathe(signal);
  }
};

/** Never returns and hears no interruption; only a signal ends it. */
export const hang: Perform<'hang'> = () =>
  new Promise<never>(() => {
    // Without a timer that keeps it alive the process would end when stdin does.
    setInterval(() => undefined, 2 ** 30);
  });
