import type { RunId, SessionId } from '../../contracts/ids.ts';
import type { ChangeRun } from '../../contracts/resources.ts';
import { AppError } from '../../kernel/app-error.ts';
import { Serially } from '../../kernel/serially.ts';
import type { AppendedEvent } from '../../log/event-log.ts';
import type { RunRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Parts } from '../parts.ts';

/**
 * Changes a run that waits: its prompt, or its place among those of its session. False where it does not wait (any more). While the
 * change is stored nothing of the session starts, so that no run starts with what is about to be changed; one change at a time, so that
 * each begins with what was stored.
 */
export class QueueChanges {
  readonly #log: Parts['log'];
  readonly #dispatcher: Dispatcher;
  readonly #underWay = new Serially<SessionId>();

  constructor({ log }: Pick<Parts, 'log'>, dispatcher: Dispatcher) {
    this.#log = log;
    this.#dispatcher = dispatcher;
  }

  async change({ id, sessionId }: Pick<RunRow, 'id' | 'sessionId'>, change: ChangeRun): Promise<boolean> {
    this.#dispatcher.hold(sessionId);
    try {
      return await this.#underWay.run(sessionId, () => this.#change(id, sessionId, change));
    } finally {
      this.#dispatcher.letGo(sessionId);
    }
  }

  async #change(id: RunId, sessionId: SessionId, { prompt, before }: ChangeRun): Promise<boolean> {
    if (this.#dispatcher.find(id) === null) return false;
    const all = this.#dispatcher.waiting(sessionId).map(({ run }) => run);
    const order = before === undefined ? all : moved(all, id, before);
    const positions = all.map(({ position }) => position);
    const rows = order.map((run, index) => ({
      ...run,
      position: positions[index] ?? run.position,
      ...(run.id === id && prompt !== undefined && { prompt }),
    }));
    const events: AppendedEvent[] = [];
    if (prompt !== undefined) events.push({ type: 'run.edited', data: { prompt }, runId: id });
    if (before !== undefined) events.push({ type: 'run.moved', data: { before }, runId: id });
    const old = new Map(all.map((run) => [run.id, run]));
    await this.#log.append({ sessionId, isDurable: true, events, writes: writesOf(rows, old) });
    this.#dispatcher.update(rows);
    return true;
  }
}

function moved(all: readonly RunRow[], id: RunId, before: RunId | null): RunRow[] {
  const run = all.find((one) => one.id === id);
  const others = all.filter((one) => one.id !== id);
  const index = before === null ? others.length : others.findIndex((one) => one.id === before);
  if (run === undefined || index === -1) {
    const names = others.map((one) => one.id).join(', ') || 'none';
    throw new AppError(
      'invalid_request',
      `before is ${JSON.stringify(before)}: expected another run of the session that waits (${names}), or null`,
    );
  }
  return others.toSpliced(index, 0, run);
}

function writesOf(rows: readonly RunRow[], old: ReadonlyMap<RunId, RunRow>): Write[] {
  return rows.flatMap((row): Write[] => {
    const was = old.get(row.id);
    if (was?.position === row.position && was.prompt === row.prompt) return [];
    return [{ table: 'runs', id: row.id, patch: { position: row.position, prompt: row.prompt } }];
  });
}
