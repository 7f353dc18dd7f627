import type { SessionId } from '../../contracts/ids.ts';
import type { SessionRow } from '../../store/rows.ts';

/** What can be changed of a session that is at work. */
export type SessionPatch = Partial<Pick<SessionRow, 'pausedAt' | 'permissions'>>;

interface Change {
  readonly patch: SessionPatch;
  readonly holders: number;
}

/**
 * Changes of sessions that are on their way to the disk. Whoever has just read the row of a session asks here whether that is all: a
 * policy that is answered for must hold for whatever starts meanwhile.
 */
export class SessionChanges {
  readonly #changes = new Map<SessionId, Change>();

  /** From now on `latest` knows the patch; to be ended when it is stored. */
  begin(id: SessionId, patch: SessionPatch): void {
    const known = this.#changes.get(id) ?? { patch: {}, holders: 0 };
    this.#changes.set(id, { patch: { ...known.patch, ...patch }, holders: known.holders + 1 });
  }

  end(id: SessionId): void {
    const known = this.#changes.get(id);
    if (known === undefined || known.holders <= 1) this.#changes.delete(id);
    else this.#changes.set(id, { ...known, holders: known.holders - 1 });
  }

  /** The session with what was changed and is not stored yet. */
  latest(row: SessionRow): SessionRow {
    return { ...row, ...this.#changes.get(row.id)?.patch };
  }
}
