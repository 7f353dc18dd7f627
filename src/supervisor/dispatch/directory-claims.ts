import type { SessionId } from '../../contracts/ids.ts';
import type { SessionRow } from '../../store/rows.ts';

/** The directory in which a session works, and whether it lets others work there, too. */
export type Claim = Pick<SessionRow, 'id' | 'workspacePath' | 'workspaceIsShared'>;

interface Holders {
  /** At most one, but for what older releases left. */
  readonly exclusive: Set<SessionId>;
  readonly shared: Set<SessionId>;
}

/** Which sessions have a process in which directory: one at a time, unless all of them share it. */
export class DirectoryClaims {
  readonly #holders = new Map<string, Holders>();

  add({ id, workspacePath, workspaceIsShared }: Claim): void {
    const holders = this.#holders.get(workspacePath) ?? { exclusive: new Set(), shared: new Set() };
    this.#holders.set(workspacePath, holders);
    holders[workspaceIsShared ? 'shared' : 'exclusive'].add(id);
  }

  remove({ id, workspacePath }: Claim): void {
    const holders = this.#holders.get(workspacePath);
    if (holders === undefined) return;
    holders.exclusive.delete(id);
    holders.shared.delete(id);
    if (holders.exclusive.size + holders.shared.size === 0) this.#holders.delete(workspacePath);
  }

  /** A session that must have left before this one can begin. */
  inTheWayOf({ id, workspacePath, workspaceIsShared }: Claim): SessionId | null {
    const holders = this.#holders.get(workspacePath);
    if (holders === undefined) return null;
    return otherThan(id, holders.exclusive) ?? (workspaceIsShared ? null : otherThan(id, holders.shared));
  }
}

function otherThan(id: SessionId, holders: ReadonlySet<SessionId>): SessionId | null {
  for (const holder of holders) if (holder !== id) return holder;
  return null;
}
