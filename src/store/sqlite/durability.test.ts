import { expect, it } from 'vitest';
import { createFlush } from './durability.ts';

function disk() {
  const state = { refuses: false, copies: true, asked: [] as string[] };
  const flush = createFlush({
    logFlush: {
      flush: async () => {
        state.asked.push('flush');
        if (state.refuses) throw new Error('EIO');
      },
    },
    checkpointer: {
      copyAll: async () => {
        state.asked.push('copy');
        return state.copies;
      },
    },
    logger: { error: () => undefined },
  });
  return { state, flush };
}

it('copies into the database what the disk would not take as a log, and only then trusts the log again', async () => {
  const { state, flush } = disk();
  await flush();
  state.refuses = true;
  await flush();
  state.refuses = false;
  await flush();
  expect(state.asked).toEqual(['flush', 'flush', 'copy', 'flush']);
});

it('does not believe a log that was refused once, whatever the disk says later', async () => {
  const { state, flush } = disk();
  state.refuses = true;
  state.copies = false;
  await expect(flush()).rejects.toThrow('could not be put on disk');
  state.refuses = false;
  await expect(flush()).rejects.toThrow('could not be put on disk');
  state.copies = true;
  await flush();
  expect(state.asked).toEqual(['flush', 'copy', 'copy', 'copy']);
});
