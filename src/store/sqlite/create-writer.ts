import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../kernel/app-error.ts';
import type { TokenRow } from '../rows.ts';
import type { Commit, Pruned, PruneQuery } from '../store.ts';
import { createCompaction, sliceSeqs } from './compact-messages.ts';
import { createTransactions } from './in-transaction.ts';
import type { Prepare } from './prepare-once.ts';
import { createPruning } from './prune-events.ts';
import { createReclaiming } from './reclaim-space.ts';
import { createEventWriter } from './write-events.ts';
import { createRowWriter } from './write-rows.ts';

export interface Writer {
  commit(batch: readonly Commit[]): void;
  replaceToken(token: TokenRow): void;
  prune(query: PruneQuery): Pruned;
  /** Makes some of the chunks go that commits have left, or gives some space back; false where there is nothing of the kind to do. */
  tidy(): boolean;
}

export interface WriterOptions {
  readonly db: DatabaseSync;
  readonly prepare: Prepare;
  readonly epoch: number;
  /** Called within a commit that leaves something for `tidy`. */
  readonly onLeftover: () => void;
}

/** All writes of one life of a server: each in one transaction, in which its epoch is checked. */
export function createWriter({ db, prepare, epoch: ownEpoch, onLeftover }: WriterOptions): Writer {
  const compaction = createCompaction(prepare, onLeftover);
  const events = createEventWriter(prepare, compaction);
  const rows = createRowWriter(prepare);
  const prune = createPruning(prepare);
  const reclaim = createReclaiming(db, prepare);
  const selectEpoch = prepare('SELECT epoch FROM meta');
  const inTransaction = createTransactions(db);

  const write = <Result>(work: (epoch: number) => Result): Result => {
    try {
      return inTransaction(() => work(Number(selectEpoch.get()?.['epoch'])));
    } catch (error) {
      events.forget();
      rows.forget();
      throw error;
    }
  };
  const writeAsOwn = <Result>(work: () => Result): Result =>
    write((epoch) => {
      refuseStale(ownEpoch, epoch);
      return work();
    });

  return {
    commit: (batch) => {
      if (batch.length === 0) return;
      const budget = { seqs: sliceSeqs };
      write((epoch) => {
        for (const commit of batch) {
          refuseStale(commit.epoch, epoch);
          for (const row of commit.writes) rows.write(row);
          events.write(commit.sessionId, commit.events, budget);
        }
      });
    },

    replaceToken: (token) =>
      writeAsOwn(() => {
        prepare('DELETE FROM tokens WHERE tenant_id = ? AND user_id = ?').run(token.tenantId, token.userId);
        rows.write({ table: 'tokens', insert: token });
      }),

    prune: (query) => {
      const pruned = writeAsOwn(() => prune(query));
      if (!pruned.hasMore) onLeftover();
      return pruned;
    },
    tidy: () => writeAsOwn(() => compaction.next() || reclaim()),
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
