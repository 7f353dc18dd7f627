import type { SessionId } from '../../contracts/ids.ts';
import type { Commit, EventRow, Store } from '../store.ts';
import { exampleSession } from './example-rows.ts';

/** One database, empty at first, that can be opened again and again. */
export interface StorePlace {
  /** @param bootId which start of the machine it is opened under */
  open(bootId?: string): Promise<Store>;
}

/** An open store with one session in it, and short ways to commit to that. */
export async function opened(createPlace: () => StorePlace) {
  const store = await createPlace().open();
  const owner = await store.localOwner();
  const session = exampleSession(owner);
  const commit = (part: Partial<Commit>) => store.commit([{ ...commitOf(store, session.id), ...part }]);
  await commit({ writes: [{ table: 'sessions', insert: session }] });
  const json = (seq: number) => `{"at":"${seq}"}`;
  return {
    store,
    owner,
    session,
    commit,
    events: (...seqs: number[]): EventRow[] => seqs.map((seq) => ({ seq, json: json(seq) })),
    chunk: (seq: number, messageId: string): EventRow => ({ seq, json: json(seq), messageId, opens: true }),
  };
}

export function commitOf(store: Store, sessionId: SessionId): Commit {
  return { epoch: store.epoch, sessionId, events: [], writes: [] };
}

/** `seq←prev` of each event. */
export function placesOf(events: readonly { seq: number; prev: number }[]): string[] {
  return events.map(({ seq, prev }) => `${seq}←${prev}`);
}
