import type { Ids } from './model-api.ts';

/** Numbered ids, `msg_000001`, `toolu_000002`: unique in this emulator and the same in every run of a test. */
export function createIds(): Ids {
  let last = 0;
  return (prefix) => {
    last += 1;
    return `${prefix}_${String(last).padStart(6, '0')}`;
  };
}
