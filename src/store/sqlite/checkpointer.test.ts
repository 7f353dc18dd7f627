import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Timer } from '../../kernel/clock.ts';
import { temporaryDirectory } from '../exercise/temporary-directory.ts';
import { CheckpointThread } from './checkpoint-thread.ts';
import type { CheckpointerOptions } from './checkpointer.ts';
import { Checkpointer } from './checkpointer.ts';
import { openDatabase } from './open-database.ts';

describe('a checkpointer', () => {
  it('has another thread copy what the log holds, and ends it when it is not needed', async () => {
    const { path, write, copied, timers, checkpointer } = open({ limits: { copiedFrom: 100_000 } });
    write(1);
    expect(timers).toEqual([]);
    write(100);
    await copied();
    expect(statSync(path).size).toBeGreaterThan(100 * 4096);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([30_000]);
    timers[0]?.fire();
    // One that is needed again is started again.
    write(100);
    await copied();
    await checkpointer.close();
  });

  it('makes commits wait for a full log, which then begins anew', async () => {
    const { path, write, checkpointer } = open({ limits: { copiedFrom: 1e9, fullFrom: 500_000 } });
    write(10);
    expect(checkpointer.room()).toBeUndefined();
    write(200);
    const fullBytes = statSync(`${path}-wal`).size;
    await checkpointer.room();
    expect(checkpointer.room()).toBeUndefined();
    write(100);
    expect(statSync(`${path}-wal`).size).toBe(fullBytes);
    await checkpointer.close();
  });

  it('lets a log grow on that another program keeps from beginning anew, and says so', async () => {
    const { path, write, warnings, checkpointer } = open({ limits: { copiedFrom: 1e9, fullFrom: 500_000 } });
    const reader = new DatabaseSync(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM filler').get();
    write(200);
    await checkpointer.room();
    expect(warnings).toEqual(['The write-ahead log cannot begin anew; does another program read the database?']);
    write(10);
    expect(checkpointer.room()).toBeUndefined();

    reader.close();
    write(300);
    await checkpointer.room();
    expect(warnings.length).toBe(1);
    await checkpointer.close();
  });

  it('copies by itself where the thread has died', async () => {
    const thread = { checkpoint: () => Promise.reject(new Error('died')), end: () => Promise.resolve() };
    const { path, write, copied, warnings } = open({ limits: { copiedFrom: 100_000 }, thread });
    write(100);
    await copied();
    expect(statSync(path).size).toBeGreaterThan(100 * 4096);
    expect(warnings).toEqual(['The checkpoint thread died; copying the write-ahead log on the main thread']);
  });

  it('says what a full disk keeps it from, and tries again when the log has grown by as much', async () => {
    let asked = 0;
    const thread = {
      checkpoint: async () => ({ error: (asked += 1) === 1 ? 'Error: database or disk is full' : null }),
      end: () => Promise.resolve(),
    };
    const { write, warnings, copied } = open({ limits: { copiedFrom: 400_000 }, thread });
    write(100);
    await copied();
    write(1);
    expect([asked, warnings]).toEqual([1, ['The write-ahead log could not be copied into the database']]);
    write(100);
    await copied();
    expect([asked, warnings.length]).toEqual([2, 1]);
  });

  it('leaves nothing open when it is closed', async () => {
    const { path, db, write, checkpointer } = open({ limits: { copiedFrom: 100_000 } });
    write(100);
    await checkpointer.close();
    db.close();
    expect(readdirSync(join(path, '..'))).toEqual(['drover.db']);
  });
});

describe('a checkpoint thread', () => {
  it('that dies rejects, each time that it is asked', async () => {
    const thread = new CheckpointThread('/nowhere/drover.db');
    await expect(thread.checkpoint()).rejects.toThrow('died');
    await expect(thread.checkpoint()).rejects.toThrow('died');
    await thread.end();
  });
});

function open(options: Pick<CheckpointerOptions, 'limits' | 'thread'>) {
  const path = join(temporaryDirectory(), 'drover.db');
  const db = openDatabase(path);
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  db.exec('CREATE TABLE filler (bytes TEXT NOT NULL)');
  const timers: { delayMs: number; fire: () => void }[] = [];
  let noteTimer = () => {};
  const clock = {
    setTimer(delayMs: number, fire: () => void): Timer {
      timers.push({ delayMs, fire });
      setImmediate(noteTimer);
      return { cancel: () => undefined };
    },
  };
  const warnings: string[] = [];
  const logger = { warn: (_: unknown, message?: string) => void warnings.push(message ?? '') };
  const checkpointer = new Checkpointer({
    db,
    path,
    clock,
    logger: logger as CheckpointerOptions['logger'],
    ...options,
  });
  onTestFinished(() => checkpointer.close());
  return {
    path,
    db,
    timers,
    warnings,
    checkpointer,
    /** So many pages, and enough said for a look at the log. */
    write: (pages: number): void => {
      const insert = db.prepare('INSERT INTO filler (bytes) VALUES (?)');
      db.exec('BEGIN');
      for (let page = 0; page < pages; page += 1) insert.run('x'.repeat(4_000));
      db.exec('COMMIT');
      checkpointer.committed(1_000_000);
    },
    /** When a pass is over, the time is set after which the thread may go. */
    copied: () => new Promise<void>((resolve) => (noteTimer = resolve)),
  };
}
