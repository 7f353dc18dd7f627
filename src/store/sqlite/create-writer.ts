import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import type { TokenRow } from '../rows.ts';
import type { Commit } from '../store.ts';
import { inTransaction } from './in-transaction.ts';
import type { Prepare } from './prepare-once.ts';
import { createEventWriter } from './write-events.ts';
import { writeRow } from './write-rows.ts';

export interface Writer {
  commit(batch: readonly Commit[]): void;
  replaceToken(token: TokenRow): void;
}

/** All writes of one life of a server: each in one transaction, in which its epoch is checked. */
export function createWriter(db: DatabaseSync, prepare: Prepare, ownEpoch: number): Writer {
  const writeEvents = createEventWriter(prepare);
  const selectEpoch = prepare('SELECT epoch FROM meta');
  const synchronise = createSynchronousSwitch(db);

  const write = (isDurable: boolean, work: (epoch: number) => void) => {
    synchronise(isDurable ? 'FULL' : 'NORMAL');
    inTransaction(db, () => work(Number(selectEpoch.get()?.['epoch'])));
  };

  return {
    commit: (batch) => {
      if (batch.length === 0) return;
      const isDurable = batch.some((commit) => commit.isDurable);
      write(isDurable, (epoch) => {
        for (const commit of batch) {
          refuseStale(commit.epoch, epoch);
          for (const row of commit.writes) writeRow(prepare, row);
          writeEvents(commit.sessionId, commit.events);
        }
      });
    },

    replaceToken: (token) =>
      write(true, (epoch) => {
        refuseStale(ownEpoch, epoch);
        prepare('DELETE FROM tokens WHERE tenant_id = ? AND user_id = ?').run(token.tenantId, token.userId);
        writeRow(prepare, { table: 'tokens', insert: token });
      }),
  };
}

/**
 * FULL: what is committed is on disk, the write-ahead log is fsynced. NORMAL: it is in the system's cache, which survives the
 * server's death but not the machine's; that is when the generation of cursors rises.
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
function createSynchronousSwitch(db: DatabaseSync): (level: 'FULL' | 'NORMAL') => void {
  let current: string | undefined;
  return (level) => {
    if (level === current) return;
    db.exec(`PRAGMA synchronous = ${level}`);
    current = level;
  };
}

function refuseStale(own: number, current: number): void {
  if (own === current) return;
  throw new AppError(
    'stale_epoch',
    `Another server has taken over the data directory (epoch ${current}, this one has ${own}); stop this one`,
    { epoch: own, currentEpoch: current },
  );
}
