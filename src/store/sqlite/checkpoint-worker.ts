/** The program of the checkpoint thread: moves the write-ahead log of the database `workerData` into it, once for each message. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointAnswer } from './checkpoint-thread.ts';

const db = new DatabaseSync(String(workerData), { timeout: 0 });

parentPort?.on('message', (question: 'checkpoint' | 'end') => {
  if (question === 'checkpoint') {
    parentPort?.postMessage(checkpoint());
  } else {
    db.close();
    parentPort?.close();
  }
});

/** PASSIVE takes no lock for which a reader or a writer would have to wait. */
function checkpoint(): CheckpointAnswer {
  try {
    db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    return { error: null };
  } catch (error) {
    return { error: String(error) };
  }
}
