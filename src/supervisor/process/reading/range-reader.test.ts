import { expect, test } from 'vitest';
import { RangeReader } from './range-reader.ts';

/** A file that is so long, and a clock. */
function growing(offset = 0) {
  const world = { size: 0, at: 1_000, restarts: 0 };
  const reader = new RangeReader(
    { size: () => world.size, read: () => 0, restart: () => void (world.restarts += 1), close: () => undefined },
    offset,
    { monotonic: () => world.at },
  );
  return { world, reader, range: (isLast = false) => reader.read(isLast).range };
}

test('what is written in quick succession is one range, and no byte is in two', () => {
  const { world, reader, range } = growing();
  world.size = 10;
  expect(range()).toEqual({ offset: 0, length: 10 });
  for (world.size = 20; world.size < 100; world.size += 1) expect(range()).toBeNull();
  expect(reader.offset).toBe(10);
  world.at += 250;
  expect(range()).toEqual({ offset: 10, length: 90 });
  world.at += 1_000;
  expect(range()).toBeNull();
});

test('at the end nothing is left over', () => {
  const { world, range } = growing(5);
  world.size = 10;
  expect(range()).toEqual({ offset: 5, length: 5 });
  world.size = 11;
  expect(range()).toBeNull();
  expect(range(true)).toEqual({ offset: 10, length: 1 });
  expect(range(true)).toBeNull();
});

test('a file that was cut short is told of, and followed from its new end', () => {
  const { world, reader, range } = growing(100);
  world.size = 40;
  expect(reader.read(false)).toMatchObject({ range: null, truncated: { expectedBytes: 100, foundBytes: 40 } });
  expect(world.restarts).toBe(1);
  world.size = 42;
  expect(range()).toEqual({ offset: 40, length: 2 });
});
