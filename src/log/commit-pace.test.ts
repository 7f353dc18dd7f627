import { expect, it } from 'vitest';
import { CommitPace } from './commit-pace.ts';

it('lets a few commits through at once, then one every 3 ms, and a few again after a rest', () => {
  let now = 0;
  const pace = new CommitPace({ monotonic: () => now });
  const commitsAtOnce = () => {
    let commits = 0;
    for (; pace.waitMs() === 0; commits += 1) pace.spend();
    return commits;
  };
  expect(pace.isRested()).toBe(true);
  expect(commitsAtOnce()).toBe(8);
  expect(pace.isRested()).toBe(false);
  now += 2;
  expect(pace.waitMs()).toBe(1);
  now += 1;
  expect(commitsAtOnce()).toBe(1);
  now += 1_000;
  expect(pace.isRested()).toBe(true);
  expect(commitsAtOnce()).toBe(8);
});
