import type { SQLInputValue } from 'node:sqlite';
import { summaryPromptLength } from '../../contracts/resources.ts';
import { Outcome } from '../../contracts/run-state.ts';
import type { RunRow, RunSummaryRow, Tables } from '../rows.ts';
import type { Store } from '../store.ts';
import type { Prepare } from './prepare-once.ts';
import type { Synchronous } from './read-events.ts';
import { fromRow, selectFrom } from './row-mapping.ts';

export type ReadRows = Synchronous<
  Pick<
    Store,
    | 'tokenByHash'
    | 'session'
    | 'sessions'
    | 'run'
    | 'runs'
    | 'runByIdempotencyKey'
    | 'openRuns'
    | 'attempts'
    | 'process'
    | 'openProcesses'
    | 'stdinMessages'
  >
>;

/** The text of the partial index `open_runs`, so that SQLite uses it. */
const isOpen = `state NOT IN (${Outcome.options.map((outcome) => `'${outcome}'`).join(', ')})`;

/** Cut by SQLite, so that what is large is never loaded. */
const selectSummary = selectFrom('runs', {
  prompt: `substr("prompt", 1, ${summaryPromptLength})`,
  answer: 'NULL',
  answerSource: 'NULL',
});

function toSummary({ answer: _answer, answerSource: _source, ...summary }: RunRow): RunSummaryRow {
  return summary;
}

export function createRowReader(prepare: Prepare): ReadRows {
  const all = <Table extends keyof Tables>(table: Table, rest: string, ...values: SQLInputValue[]) =>
    prepare(`${selectFrom(table)} ${rest}`)
      .all(...values)
      .map((row) => fromRow(table, row));
  const one = <Table extends keyof Tables>(table: Table, rest: string, ...values: SQLInputValue[]) => {
    const row = prepare(`${selectFrom(table)} ${rest}`).get(...values);
    return row === undefined ? null : fromRow(table, row);
  };

  return {
    tokenByHash: (hash) => one('tokens', 'WHERE hash = ?', hash),
    session: (id) => one('sessions', 'WHERE id = ?', id),
    sessions: ({ tenantId, userId }) =>
      all('sessions', 'WHERE tenant_id = ? AND user_id = ? ORDER BY key DESC', tenantId, userId),
    run: (id) => one('runs', 'WHERE id = ?', id),
    runs: ({ tenantId, userId }, filter) => {
      const conditions = ['tenant_id = ?', 'user_id = ?'];
      const values: SQLInputValue[] = [tenantId, userId];
      if (filter.sessionId !== undefined) {
        conditions.push('session_id = ?');
        values.push(filter.sessionId);
      }
      if (filter.isOpen !== undefined) conditions.push(filter.isOpen ? isOpen : `NOT (${isOpen})`);
      const rest = `WHERE ${conditions.join(' AND ')} ORDER BY key DESC LIMIT ?`;
      return prepare(`${selectSummary} ${rest}`)
        .all(...values, filter.limit)
        .map((row) => toSummary(fromRow('runs', row)));
    },
    runByIdempotencyKey: ({ tenantId, userId }, key) => {
      const row = one('idempotency_keys', 'WHERE id = ? AND tenant_id = ?', `${userId}/${key}`, tenantId);
      return row === null ? null : { runId: row.runId, requestHash: row.requestHash };
    },
    openRuns: () => all('runs', `WHERE ${isOpen} ORDER BY key`),
    attempts: (runId) => all('attempts', 'WHERE run_id = ? ORDER BY number', runId),
    process: (id) => one('processes', 'WHERE id = ?', id),
    openProcesses: () => all('processes', `WHERE state <> 'exited' ORDER BY key`),
    stdinMessages: (processId) => all('stdin_messages', 'WHERE process_id = ? ORDER BY offset', processId),
  };
}
