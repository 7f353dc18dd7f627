import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { LogFlush } from './log-flush.ts';

function open() {
  const path = join(temporaryDirectory(), 'drover.db');
  writeFileSync(`${path}-wal`, '');
  const sync = vi.fn(async (_fd: number) => {
    await nextTurn();
  });
  return { flush: new LogFlush(path, sync), sync };
}

it('puts the log on disk for all who ask at the same time, and again for who asks while that is under way', async () => {
  const { flush, sync } = open();
  await Promise.all([flush.flush(), flush.flush(), flush.flush()]);
  expect(sync).toHaveBeenCalledTimes(1);
  const first = flush.flush();
  await Promise.resolve();
  // What was committed since that began may not be part of it.
  await Promise.all([first, flush.flush(), flush.flush()]);
  expect(sync).toHaveBeenCalledTimes(3);
  await flush.close();
});

it('says what the disk refuses, and asks it again the next time', async () => {
  const { flush, sync } = open();
  sync.mockRejectedValueOnce(new Error('EIO'));
  await expect(flush.flush()).rejects.toThrow('EIO');
  await flush.flush();
  await flush.close();
});
