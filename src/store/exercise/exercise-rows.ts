import { describe, expect, it } from 'vitest';
import { summaryPromptLength } from '../../contracts/resources.ts';
import { exampleAttempt, exampleId, exampleProcess, exampleRun, exampleSession } from './example-rows.ts';
import type { StorePlace } from './store-place.ts';
import { opened } from './store-place.ts';

/** Rows go in, are changed, and answer questions. */
export function exerciseRows(createPlace: () => StorePlace): void {
  describe('rows', () => {
    it('come back as they were inserted', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const run = exampleRun(owner, session.id, {
        prompt: 'naïve \u0000 "quotes" 🐑',
        usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, costUsd: 0.0125 },
        requestedVerb: 'stop',
      });
      const process = exampleProcess(session.id, { outOffset: 5_000_000_000, agentPid: 7 });
      const attempt = exampleAttempt({ sessionId: session.id, runId: run.id, processId: process.id });
      await commit({
        writes: [
          // Rows that refer to one another may come in any order.
          { table: 'attempts', insert: attempt },
          { table: 'processes', insert: { ...process, openRunId: run.id, openAttemptId: attempt.id } },
          { table: 'runs', insert: run },
        ],
      });

      expect(await store.session(session.id)).toEqual(session);
      expect(await store.run(run.id)).toEqual(run);
      expect(await store.attempts(run.id)).toEqual([attempt]);
      expect(await store.process(process.id)).toEqual({
        ...process,
        openRunId: run.id,
        openAttemptId: attempt.id,
      });
    });

    it('are null where there are none', async () => {
      const { store, owner } = await opened(createPlace);
      expect(await store.session(exampleId('ses'))).toBeNull();
      expect(await store.run(exampleId('run'))).toBeNull();
      expect(await store.process(exampleId('prc'))).toBeNull();
      expect(await store.tokenByHash('00')).toBeNull();
      expect(await store.runByIdempotencyKey(owner, 'never-used')).toBeNull();
    });

    it('change in the columns of a patch and in no other', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const run = exampleRun(owner, session.id);
      const other = exampleRun(owner, session.id);
      await commit({
        writes: [
          { table: 'runs', insert: run },
          { table: 'runs', insert: other },
        ],
      });
      const patch = { state: 'running', usage: { ...run.usage, costUsd: 1.5 }, startedAt: run.createdAt } as const;
      await commit({ writes: [{ table: 'runs', id: run.id, patch }] });

      expect(await store.run(run.id)).toEqual({ ...run, ...patch });
      expect(await store.run(other.id)).toEqual(other);
    });

    it('refuse a patch of what is not there', async () => {
      const { commit } = await opened(createPlace);
      const id = exampleId('run');
      await expect(commit({ writes: [{ table: 'runs', id, patch: { attempts: 1 } }] })).rejects.toThrow(id);
    });

    it('must belong to a session that exists', async () => {
      const { owner, commit } = await opened(createPlace);
      const orphan = exampleRun(owner, exampleId('ses'));
      await expect(commit({ writes: [{ table: 'runs', insert: orphan }] })).rejects.toThrow();
    });
  });

  describe('questions', () => {
    it('list the newest sessions and runs first, and only their owner’s', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const next = exampleSession(owner);
      const runs = [exampleRun(owner, session.id), exampleRun(owner, next.id), exampleRun(owner, session.id)] as const;
      await commit({ writes: [{ table: 'sessions', insert: next }] });
      await commit({ writes: runs.map((insert) => ({ table: 'runs', insert })) });

      expect(await store.sessions(owner)).toEqual([next, session]);
      const idsOf = (found: { id: string }[]) => found.map(({ id }) => id);
      expect(idsOf(await store.runs(owner, { limit: 2 }))).toEqual([runs[2].id, runs[1].id]);
      const ofSession = await store.runs(owner, { sessionId: session.id, limit: 10 });
      expect(idsOf(ofSession)).toEqual([runs[2].id, runs[0].id]);
      const stranger = { tenantId: exampleId('ten'), userId: exampleId('usr') };
      expect(await store.sessions(stranger)).toEqual([]);
      expect(await store.runs(stranger, { limit: 10 })).toEqual([]);
    });

    it('list runs as summaries: without answers, and with the beginnings of their prompts', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const run = exampleRun(owner, session.id, { prompt: '😀'.repeat(1_000), answer: 'long', answerSource: 'result' });
      await commit({ writes: [{ table: 'runs', insert: run }] });
      const { answer: _answer, answerSource: _source, ...summary } = run;
      expect(await store.runs(owner, { limit: 1 })).toEqual([{ ...summary, prompt: '😀'.repeat(summaryPromptLength) }]);
    });

    it('tell open runs, oldest first, from those that have ended', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const states = [
        'queued',
        'succeeded',
        'running',
        'failed',
        'interrupted',
        'stopped',
        'canceled',
        'parked',
      ] as const;
      const runs = states.map((state) => exampleRun(owner, session.id, { state }));
      await commit({ writes: runs.map((insert) => ({ table: 'runs', insert })) });

      const statesOf = (found: { state: string }[]) => found.map(({ state }) => state);
      expect(statesOf(await store.openRuns())).toEqual(['queued', 'running', 'parked']);
      expect(statesOf(await store.runs(owner, { isOpen: true, limit: 10 }))).toEqual(['parked', 'running', 'queued']);
      expect(statesOf(await store.runs(owner, { isOpen: false, limit: 10 }))).toEqual([
        'canceled',
        'stopped',
        'interrupted',
        'failed',
        'succeeded',
      ]);
    });

    it('list the processes whose end is not recorded', async () => {
      const { store, session, commit } = await opened(createPlace);
      const states = ['starting', 'exited', 'running'] as const;
      const processes = states.map((state) => exampleProcess(session.id, { state }));
      await commit({ writes: processes.map((insert) => ({ table: 'processes', insert })) });
      expect((await store.openProcesses()).map(({ state }) => state)).toEqual(['starting', 'running']);
    });

    it('list stdin messages in the order of their offsets, each key once', async () => {
      const { store, session, commit } = await opened(createPlace);
      const process = exampleProcess(session.id);
      const message = (key: string, offset: number) => {
        const id = `${process.id}/${key}`;
        return { id, processId: process.id, sessionId: session.id, offset, payload: `{"key":"${key}"}\n` };
      };
      const messages = [message('b', 100), message('a', 0)] as const;
      await commit({ writes: [{ table: 'processes', insert: process }] });
      await commit({ writes: messages.map((insert) => ({ table: 'stdin_messages', insert })) });

      expect(await store.stdinMessages(process.id)).toEqual([messages[1], messages[0]]);
      await expect(commit({ writes: [{ table: 'stdin_messages', insert: message('a', 200) }] })).rejects.toThrow();
    });

    it('find the run that an idempotency key made, for its user alone', async () => {
      const { store, owner, session, commit } = await opened(createPlace);
      const run = exampleRun(owner, session.id);
      const id = `${owner.userId}/key-1`;
      const key = { ...owner, id, requestHash: 'abc', runId: run.id, createdAt: run.createdAt };
      await commit({
        writes: [
          { table: 'runs', insert: run },
          { table: 'idempotency_keys', insert: key },
        ],
      });
      expect(await store.runByIdempotencyKey(owner, 'key-1')).toEqual({ runId: run.id, requestHash: 'abc' });
      expect(await store.runByIdempotencyKey({ ...owner, userId: exampleId('usr') }, 'key-1')).toBeNull();
      await expect(commit({ writes: [{ table: 'idempotency_keys', insert: key }] })).rejects.toThrow();
    });
  });

  describe('tokens', () => {
    it('replace one another', async () => {
      const { store, owner } = await opened(createPlace);
      const token = (hash: string) => ({ ...owner, id: hash, hash, createdAt: '2026-01-01T00:00:00.000Z' });
      await store.replaceToken(token('aa'));
      await store.replaceToken(token('bb'));
      expect(await store.tokenByHash('aa')).toBeNull();
      expect(await store.tokenByHash('bb')).toEqual(token('bb'));
    });
  });
}
