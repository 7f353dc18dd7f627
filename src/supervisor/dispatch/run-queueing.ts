import { createHash } from 'node:crypto';
import type { RunId, SessionId } from '../../contracts/ids.ts';
import type { CreateRun } from '../../contracts/resources.ts';
import { noUsage } from '../../contracts/usage.ts';
import { AppError } from '../../kernel/app-error.ts';
import { Serially } from '../../kernel/serially.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { Owner, RunRow, SessionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { Execution } from '../execution.ts';
import type { Parts } from '../parts.ts';

export interface TakenPrompt {
  readonly row: RunRow;
  readonly isRepeated: boolean;
  readonly isSteered: boolean;
}

type Key = { readonly id: string; readonly requestHash: string };

/** Takes prompts, each key once: also when many requests with one key come at the same time, or after a restart. */
export class RunQueueing {
  readonly #parts: Pick<Parts, 'store' | 'log' | 'clock' | 'newId'>;
  readonly #execution: Pick<Execution, 'add' | 'steer' | 'dispatcher' | 'runOf' | 'refuseBusy'>;
  readonly #underWay = new Serially<string>();

  constructor(
    parts: Pick<Parts, 'store' | 'log' | 'clock' | 'newId'>,
    execution: Pick<Execution, 'add' | 'steer' | 'dispatcher' | 'runOf' | 'refuseBusy'>,
  ) {
    this.#parts = parts;
    this.#execution = execution;
  }

  /** Resolves when the prompt is on disk: as a run of its own, or as part of the one that it was said into. */
  async take(session: SessionRow, input: CreateRun, key: string | undefined): Promise<TakenPrompt> {
    if (key === undefined) return this.#act(session, input, null);
    const id = `${session.userId}/${key}`;
    const requestHash = hashRequest(session.id, input);
    // Requests with one key go one after the other: the second finds what became of the first.
    return this.#underWay.run(id, () => this.#once(session, input, { id, key, requestHash }));
  }

  async #once(
    session: SessionRow,
    input: CreateRun,
    { id, key, requestHash }: Key & { key: string },
  ): Promise<TakenPrompt> {
    const used = await this.#parts.store.runByIdempotencyKey(session, key);
    if (used === null) return this.#act(session, input, { id, requestHash });
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
    return { row, isRepeated: true, isSteered: input.mode === 'steer' };
  }

  async #act(session: SessionRow, input: CreateRun, key: Key | null): Promise<TakenPrompt> {
    return input.mode === 'steer' ? this.#steer(session, input, key) : this.#queue(session, input, key);
  }

  async #steer(session: SessionRow, { prompt, permissions }: CreateRun, key: Key | null): Promise<TakenPrompt> {
    if (permissions !== undefined) {
      throw new AppError(
        'invalid_request',
        'A prompt that steers a run has no `permissions` of its own; leave them out',
      );
    }
    const { newId, store, clock } = this.#parts;
    const said = { key: `steer-${newId('run')}`, prompt };
    const keyOf = (runId: RunId) => keyWrites(key, session, runId, toTimestamp(clock));
    const runId = await this.#execution.steer(session, said, keyOf);
    const row = await store.run(runId);
    if (row === null) throw new Error(`The run ${runId} is gone`);
    return { row, isRepeated: false, isSteered: true };
  }

  async #queue(session: SessionRow, input: CreateRun, key: Key | null): Promise<TakenPrompt> {
    if (input.ifBusy === 'refuse') this.#execution.refuseBusy(session);
    const row = this.#newRun(session, input);
    await this.#parts.log.append({
      sessionId: session.id,
      isUrgent: true,
      events: [
        {
          type: 'run.queued',
          data: { prompt: row.prompt, ...(row.mode === 'replace' && { mode: row.mode }) },
          runId: row.id,
        },
      ],
      writes: [{ table: 'runs', insert: row }, ...keyWrites(key, session, row.id, row.createdAt)],
    });
    // Its first attempt need not wait for the disk; what starts its agent does. Its session may have been paused meanwhile.
    this.#execution.add({ run: row, session: (await this.#parts.store.session(session.id)) ?? session });
    await this.#parts.log.flush();
    return { row, isRepeated: false, isSteered: false };
  }

  #newRun(session: SessionRow, { prompt, mode, permissions }: CreateRun): RunRow {
    const at = toTimestamp(this.#parts.clock);
    const { dispatcher } = this.#execution;
    return {
      id: this.#parts.newId('run'),
      sessionId: session.id,
      tenantId: session.tenantId,
      userId: session.userId,
      state: 'queued',
      since: at,
      prompt,
      requestedVerb: null,
      mode: mode === 'replace' ? 'replace' : 'queue',
      replaces: mode === 'replace' ? this.#execution.runOf(session.id) : null,
      position: mode === 'replace' ? dispatcher.frontPosition() : dispatcher.nextPosition(),
      permissions: permissions ?? null,
      pausedMs: 0,
      endedFor: null,
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
}

function keyWrites(key: Key | null, { tenantId, userId }: Owner, runId: RunId, createdAt: string): Write[] {
  return key === null ? [] : [{ table: 'idempotency_keys', insert: { ...key, tenantId, userId, runId, createdAt } }];
}

function hashRequest(sessionId: SessionId, input: CreateRun): string {
  return createHash('sha256')
    .update(JSON.stringify([sessionId, input]))
    .digest('hex');
}
