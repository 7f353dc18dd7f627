import { createHash } from 'node:crypto';
import type { RunId, SessionId } from '../contracts/ids.ts';
import type { CreateRun } from '../contracts/resources.ts';
import { noUsage } from '../contracts/usage.ts';
import { AppError } from '../kernel/app-error.ts';
import { toTimestamp } from '../kernel/clock.ts';
import type { Owner, RunRow, SessionRow } from '../store/rows.ts';
import type { Write } from '../store/store.ts';
import type { Parts } from './parts.ts';

export interface QueuedRun {
  readonly row: RunRow;
  readonly isRepeated: boolean;
}

/** Queues runs, each key once: also when many requests with one key come at the same time, or after a restart. */
export class RunQueueing {
  readonly #parts: Pick<Parts, 'store' | 'log' | 'clock' | 'newId'>;
  readonly #onQueued: (row: RunRow) => void;
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(parts: Pick<Parts, 'store' | 'log' | 'clock' | 'newId'>, onQueued: (row: RunRow) => void) {
    this.#parts = parts;
    this.#onQueued = onQueued;
  }

  /** Resolves when the run is on disk. */
  async queue(session: SessionRow, input: CreateRun, key: string | undefined): Promise<QueuedRun> {
    if (key === undefined) return this.#create(session, input, []);
    const id = `${session.userId}/${key}`;
    const requestHash = hashRequest(session.id, input);
    // Requests with one key go one after the other: the second finds what became of the first.
    const before = this.#underWay.get(id) ?? Promise.resolve();
    const queued = before.then(
      () => this.#once(session, input, { id, key, requestHash }),
      () => this.#once(session, input, { id, key, requestHash }),
    );
    this.#underWay.set(id, queued);
    try {
      return await queued;
    } finally {
      if (this.#underWay.get(id) === queued) this.#underWay.delete(id);
    }
  }

  async #once(
    session: SessionRow,
    input: CreateRun,
    { id, key, requestHash }: { id: string; key: string; requestHash: string },
  ): Promise<QueuedRun> {
    const used = await this.#parts.store.runByIdempotencyKey(session, key);
    if (used === null) return this.#create(session, input, [{ id, requestHash }]);
    if (used.requestHash !== requestHash) {
      throw new AppError(
        'idempotency_key_reused',
        `The Idempotency-Key "${key}" was used for another request; use a new key`,
      );
    }
    const row = await this.#parts.store.run(used.runId);
    if (row === null) throw new Error(`The run of the key "${id}" is gone`);
    // It may be committed and not yet on disk.
    await this.#parts.log.flush();
    return { row, isRepeated: true };
  }

  async #create(
    session: SessionRow,
    input: CreateRun,
    keys: readonly { readonly id: string; readonly requestHash: string }[],
  ): Promise<QueuedRun> {
    const row = newRun(this.#parts.newId('run'), session, input, toTimestamp(this.#parts.clock));
    const { tenantId, userId } = session;
    const keyWrites = keys.map((key): Write => ({
      table: 'idempotency_keys',
      insert: { ...key, tenantId, userId, runId: row.id, createdAt: row.createdAt },
    }));
    await this.#parts.log.append({
      sessionId: session.id,
      isUrgent: true,
      events: [{ type: 'run.queued', data: { prompt: input.prompt }, runId: row.id }],
      writes: [{ table: 'runs', insert: row }, ...keyWrites],
    });
    // Its first attempt need not wait for the disk; what starts its agent does.
    this.#onQueued(row);
    await this.#parts.log.flush();
    return { row, isRepeated: false };
  }
}

function newRun(id: RunId, session: Owner & { readonly id: SessionId }, { prompt }: CreateRun, at: string): RunRow {
  return {
    id,
    sessionId: session.id,
    tenantId: session.tenantId,
    userId: session.userId,
    state: 'queued',
    since: at,
    prompt,
    requestedVerb: null,
    reason: null,
    message: null,
    answer: null,
    answerSource: null,
    usage: noUsage,
    attempts: 0,
    createdAt: at,
    startedAt: null,
    endedAt: null,
  };
}

function hashRequest(sessionId: SessionId, input: CreateRun): string {
  return createHash('sha256')
    .update(JSON.stringify([sessionId, input]))
    .digest('hex');
}
