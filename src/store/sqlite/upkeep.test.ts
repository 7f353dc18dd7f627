import { expect, it } from 'vitest';
import type { Logger } from '../../kernel/logger.ts';
import { RetryableStoreError } from '../retryable-store-error.ts';
import { Upkeep } from './upkeep.ts';

it('works bit by bit until nothing is left, and again when it is poked', async () => {
  const { upkeep, timers, turn } = upkeepOf([true, true, false, false]);
  upkeep.poke();
  upkeep.poke();
  expect(await turn()).toEqual(20);
  expect(await turn()).toEqual(20);
  expect(await turn()).toEqual(20);
  expect(timers).toEqual([]);
  upkeep.poke();
  expect(await turn()).toEqual(20);
  expect(timers).toEqual([]);
});

it('is patient with a store that cannot be written to', async () => {
  const { upkeep, timers, turn } = upkeepOf([new RetryableStoreError('The disk is full'), false]);
  upkeep.poke();
  await turn();
  expect(await turn()).toBe(1_000);
  expect(timers).toEqual([]);
});

it('leaves to the next life what it cannot do', async () => {
  const { upkeep, timers, turn, errors } = upkeepOf([new Error('stale_epoch')]);
  upkeep.poke();
  await turn();
  expect([timers, errors.length]).toEqual([[], 1]);
});

it('does nothing any more when it is stopped, and waits for what it was doing', async () => {
  const { upkeep, timers } = upkeepOf([true]);
  upkeep.poke();
  const [timer] = timers;
  timer?.fire();
  await upkeep.stop();
  upkeep.poke();
  expect(timers).toEqual([timer]);
});

function upkeepOf(results: (boolean | Error)[]) {
  const timers: { delayMs: number; fire: () => void }[] = [];
  const errors: unknown[] = [];
  let done = Promise.withResolvers<undefined>();
  const upkeep = new Upkeep({
    work: async () => {
      setImmediate(() => done.resolve(undefined));
      const result = results.shift() ?? false;
      if (result instanceof Error) throw result;
      return result;
    },
    clock: {
      setTimer(delayMs, fire) {
        timers.push({ delayMs, fire });
        return { cancel: () => undefined };
      },
    },
    logger: { error: (problem: unknown) => void errors.push(problem) } as Pick<Logger, 'error'>,
  });
  /** Fires the only timer; resolves with its delay when the work is done. */
  const turn = async () => {
    expect(timers.length).toBe(1);
    const timer = timers.pop();
    done = Promise.withResolvers();
    timer?.fire();
    await done.promise;
    return timer?.delayMs;
  };
  return { upkeep, timers, turn, errors };
}
