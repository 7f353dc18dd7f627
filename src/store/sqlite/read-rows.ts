import type { SQLInputValue } from 'node:sqlite';
import type { SessionId } from '../../contracts/ids.ts';
import { summaryPromptLength } from '../../contracts/resources.ts';
import { Outcome } from '../../contracts/run-state.ts';
import type { RunRow, RunSummaryRow, Tables } from '../rows.ts';
import type { RunFilter, Store } from '../store.ts';
import type { Prepare } from './prepare-once.ts';
import type { Synchronous } from './read-events.ts';
import { fromRow, selectFrom } from './row-mapping.ts';

export type ReadRows = Synchronous<
  Pick<
    Store,
    | 'tokenByHash'
    | 'session'
    | 'sessions'
    | 'sessionIds'
    | 'run'
    | 'runs'
    | 'runByIdempotencyKey'
    | 'openRuns'
    | 'attempts'
    | 'process'
    | 'openProcesses'
    | 'stdinMessages'
    | 'permission'
    | 'permissions'
    | 'pendingPermissions'
    | 'auditEntries'
  >
>;

/** The text of the partial index `open_runs`, so that SQLite uses it. */
export const isOpenRun = `state NOT IN (${Outcome.options.map((outcome) => `'${outcome}'`).join(', ')})`;

/** Cut by SQLite, so that what is large is never loaded. */
const selectSummary = selectFrom('runs', {
  prompt: `substr("prompt", 1, ${summaryPromptLength})`,
  answer: 'NULL',
  answerSource: 'NULL',
});

/** Without the input, which may be large. */
const selectPermissionSummary = selectFrom('permissions', { rawInput: "'null'" });

/** Left to itself SQLite goes through all runs of the owner for the few that are open, or of one session. */
function runIndexFor({ isOpen, sessionId }: RunFilter): string {
  if (isOpen === true) return 'open_runs';
  return sessionId === undefined ? 'runs_by_owner' : 'runs_by_session';
}

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
    sessionIds: (after, limit) =>
      prepare(
        'SELECT id FROM sessions WHERE key > coalesce((SELECT key FROM sessions WHERE id = ?), 0) ORDER BY key LIMIT ?',
      )
        .all(after, limit)
        .map(({ id }) => id as SessionId),
    run: (id) => one('runs', 'WHERE id = ?', id),
    runs: ({ tenantId, userId }, filter) => {
      const conditions = ['tenant_id = ?', 'user_id = ?'];
      const values: SQLInputValue[] = [tenantId, userId];
      if (filter.sessionId !== undefined) {
        conditions.push('session_id = ?');
        values.push(filter.sessionId);
      }
      if (filter.isOpen !== undefined) conditions.push(filter.isOpen ? isOpenRun : `NOT (${isOpenRun})`);
      const rest = `INDEXED BY ${runIndexFor(filter)} WHERE ${conditions.join(' AND ')} ORDER BY key DESC LIMIT ?`;
      return prepare(`${selectSummary} ${rest}`)
        .all(...values, filter.limit)
        .map((row) => toSummary(fromRow('runs', row)));
    },
    runByIdempotencyKey: ({ tenantId, userId }, key) => {
      const row = one('idempotency_keys', 'WHERE id = ? AND tenant_id = ?', `${userId}/${key}`, tenantId);
      return row === null ? null : { runId: row.runId, requestHash: row.requestHash };
    },
    openRuns: () => all('runs', `WHERE ${isOpenRun} ORDER BY key`),
    attempts: (runId) => all('attempts', 'WHERE run_id = ? ORDER BY number', runId),
    process: (id) => one('processes', 'WHERE id = ?', id),
    openProcesses: () => all('processes', `WHERE state <> 'exited' ORDER BY key`),
    stdinMessages: (processId) => all('stdin_messages', 'WHERE process_id = ? ORDER BY offset', processId),
    permission: (id) => one('permissions', 'WHERE id = ?', id),
    permissions: ({ tenantId, userId }, { sessionId, isPending, limit }) => {
      const ofSession = sessionId === undefined ? '' : 'AND session_id = ?';
      const pending = isPending === true ? 'AND decision IS NULL' : '';
      const index = sessionId === undefined ? 'permissions_by_owner' : 'permissions_by_session';
      const rest = `INDEXED BY ${index} WHERE tenant_id = ? AND user_id = ? ${ofSession} ${pending} ORDER BY key DESC LIMIT ?`;
      return prepare(`${selectPermissionSummary} ${rest}`)
        .all(tenantId, userId, ...(sessionId === undefined ? [] : [sessionId]), limit)
        .map((row) => fromRow('permissions', row));
    },
    pendingPermissions: (processId) =>
      all('permissions', 'WHERE process_id = ? AND decision IS NULL ORDER BY key', processId),
    auditEntries: ({ tenantId, userId }, { sessionId, limit }) =>
      // Whoever acted: what counts is whose session it was.
      all(
        'audit_entries',
        `WHERE tenant_id = ? AND ${sessionId === undefined ? '' : 'session_id = ? AND '}
         session_id IN (SELECT id FROM sessions WHERE tenant_id = ? AND user_id = ?) ORDER BY key DESC LIMIT ?`,
        ...[tenantId, ...(sessionId === undefined ? [] : [sessionId]), tenantId, userId, limit],
      ),
  };
}
