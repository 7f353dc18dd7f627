import type { DatabaseSync } from 'node:sqlite';
import type { TenantId, UserId } from '../../contracts/ids.ts';
import type { Clock } from '../../kernel/clock.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Owner } from '../rows.ts';
import { inTransaction } from './in-transaction.ts';

export interface Life {
  readonly epoch: number;
  readonly generation: number;
}

/** How the life before this one ended. */
export interface PreviousEnd {
  readonly isClean: boolean;
  /** The machine has been started again since. */
  readonly isOtherBoot: boolean;
}

export function previousEnd(db: DatabaseSync, bootId: string): PreviousEnd {
  const meta = db.prepare('SELECT is_clean, boot_id FROM meta').get();
  return { isClean: meta?.['is_clean'] === 1, isOtherBoot: meta?.['boot_id'] !== bootId };
}

/**
 * Begins a life of a server: its epoch is one above the last. The generation rises where the machine went down under the server:
 * events that were published, but not fsynced, may be gone.
 */
export function beginLife(db: DatabaseSync, bootId: string): Life {
  return inTransaction(db, () => {
    const { isClean, isOtherBoot } = previousEnd(db, bootId);
    const mayHaveLost = !isClean && isOtherBoot ? 1 : 0;
    const meta = db
      .prepare(
        `UPDATE meta SET epoch = epoch + 1, generation = generation + ?, boot_id = ?, is_clean = 0
         RETURNING epoch, generation`,
      )
      .get(mayHaveLost, bootId);
    return { epoch: Number(meta?.['epoch']), generation: Number(meta?.['generation']) };
  });
}

/** Says that this life ended in order; a life that another has followed has nothing to say. */
export function endLife(db: DatabaseSync, { epoch }: Life): void {
  db.exec('PRAGMA synchronous = FULL');
  db.prepare('UPDATE meta SET is_clean = 1 WHERE epoch = ?').run(epoch);
}

/** The user of a single-user server, made the first time they are asked for. */
export function ensureLocalOwner(db: DatabaseSync, clock: Clock, newId: NewId): Owner {
  return inTransaction(db, () => {
    const local = db.prepare('SELECT id, tenant_id FROM users WHERE id = (SELECT local_user_id FROM meta)').get();
    if (local !== undefined) return { tenantId: local['tenant_id'] as TenantId, userId: local['id'] as UserId };

    const owner = { tenantId: newId('ten'), userId: newId('usr') };
    const createdAt = toTimestamp(clock);
    db.prepare('INSERT INTO tenants (id, created_at) VALUES (?, ?)').run(owner.tenantId, createdAt);
    db.prepare('INSERT INTO users (id, tenant_id, created_at) VALUES (?, ?, ?)').run(
      owner.userId,
      owner.tenantId,
      createdAt,
    );
    db.prepare('UPDATE meta SET local_user_id = ?').run(owner.userId);
    return owner;
  });
}
