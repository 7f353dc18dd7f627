import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { StatementSync } from 'node:sqlite';
import { exampleId } from '../exercise/example-rows.ts';
import { createCompaction } from './compact-messages.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createPruning } from './prune-events.ts';
import { createEventReader } from './read-events.ts';
import { createRowReader } from './read-rows.ts';

const db = new DatabaseSync(':memory:');
migrate(db, { migrations, directory: ':memory:' });
const plans: string[] = [];
const prepare = (sql: string): StatementSync => {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  plans.push(...steps.map(({ detail }) => String(detail)));
  return db.prepare(sql);
};
const [session, run, process] = [exampleId('ses'), exampleId('run'), exampleId('prc')];
const owner = { tenantId: exampleId('ten'), userId: exampleId('usr') };

/** How SQLite goes about what is asked in the work. No statistics are ever gathered, so an empty database is as good as a large one. */
function plansOf(work: () => unknown): string[] {
  plans.length = 0;
  work();
  return plans;
}

// A session of millions of events and a server of thousands of sessions are as quick as small ones where nothing is scanned or sorted.
describe('what is asked', () => {
  it('of events is found by their places', () => {
    const byPlace = 'SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)';
    const page = ['CO-ROUTINE (subquery-1)', byPlace, 'SCAN (subquery-1)', byPlace];
    expect(plansOf(() => createEventReader(prepare))).toEqual([
      'SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (id=?)',
      byPlace,
      ...page,
      ...page,
      'SEARCH open_messages USING PRIMARY KEY (session_key=?)',
    ]);
  });

  it('of rows is found by indexes, in the order in which it is wanted', () => {
    const rows = createRowReader(prepare);
    const asked = plansOf(() => {
      rows.tokenByHash('');
      rows.session(session);
      rows.sessions(owner);
      rows.sessionIds(null, 100);
      rows.run(run);
      rows.runs(owner, { limit: 100 });
      rows.runs(owner, { limit: 100, isOpen: false });
      rows.runByIdempotencyKey(owner, '');
      rows.attempts(run);
      rows.process(process);
      rows.stdinMessages(process);
    });
    expect(asked.filter((step) => !/^(SEARCH|(CORRELATED )?SCALAR SUBQUERY)/.test(step))).toEqual([]);
  });

  it('of what is open is found by an index of just that', () => {
    const rows = createRowReader(prepare);
    const asked = plansOf(() => {
      rows.openRuns();
      rows.openProcesses();
      rows.runs(owner, { limit: 100, isOpen: true });
      rows.runs(owner, { limit: 100, isOpen: true, sessionId: session });
    });
    const isOfOffsets = (step: string) => /process_offsets|SUBQUERY/.test(step);
    expect(asked.filter((step) => !isOfOffsets(step))).toEqual([
      'SCAN runs USING INDEX open_runs',
      'SCAN processes USING INDEX open_processes',
      'SCAN runs USING INDEX open_runs',
      'SCAN runs USING INDEX open_runs',
    ]);
  });

  it('of the runs of one session is not looked for among all of their owner', () => {
    const rows = createRowReader(prepare);
    for (const filter of [{}, { isOpen: false }]) {
      const asked = plansOf(() => rows.runs(owner, { limit: 100, sessionId: session, ...filter }));
      expect(asked).toEqual(['SEARCH runs USING INDEX runs_by_session (session_id=?)']);
    }
  });

  it('for a slice of upkeep is found by places', () => {
    const asked = plansOf(() => {
      createCompaction(prepare, () => undefined);
      createPruning(prepare);
    });
    expect(asked.filter((step) => !step.startsWith('SEARCH'))).toEqual(['SCAN leftover_chunks']);
  });
});
