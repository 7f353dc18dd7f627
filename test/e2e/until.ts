import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so. Looks often; the limit only keeps a broken test from hanging for ever. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
  limitMs = 120_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(10);
  }
}
