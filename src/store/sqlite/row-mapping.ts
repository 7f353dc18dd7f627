import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Tables } from '../rows.ts';
import { offsetColumns } from './process-offsets.ts';

/**
 * Rows are camelCase in the code and snake_case in the database; a `json` column holds a value as JSON text, a `boolean` one 0 or 1.
 */
export const columnsOf: {
  readonly [Table in keyof Tables]: Readonly<Record<keyof Tables[Table], 'plain' | 'json' | 'boolean'>>;
} = {
  tokens: { id: 'plain', tenantId: 'plain', userId: 'plain', hash: 'plain', createdAt: 'plain' },
  sessions: {
    id: 'plain',
    tenantId: 'plain',
    userId: 'plain',
    profile: 'plain',
    workspacePath: 'plain',
    workspaceIsShared: 'boolean',
    nativeSessionId: 'plain',
    pausedAt: 'plain',
    permissions: 'json',
    createdAt: 'plain',
  },
  runs: {
    id: 'plain',
    tenantId: 'plain',
    userId: 'plain',
    sessionId: 'plain',
    state: 'plain',
    since: 'plain',
    prompt: 'plain',
    requestedVerb: 'plain',
    mode: 'plain',
    replaces: 'plain',
    position: 'plain',
    permissions: 'json',
    pausedMs: 'plain',
    endedFor: 'json',
    reason: 'plain',
    message: 'plain',
    answer: 'plain',
    answerSource: 'plain',
    usage: 'json',
    attempts: 'plain',
    createdAt: 'plain',
    startedAt: 'plain',
    endedAt: 'plain',
  },
  attempts: {
    id: 'plain',
    runId: 'plain',
    sessionId: 'plain',
    processId: 'plain',
    number: 'plain',
    outcome: 'plain',
    reason: 'plain',
    startedAt: 'plain',
    endedAt: 'plain',
  },
  processes: {
    id: 'plain',
    sessionId: 'plain',
    state: 'plain',
    driver: 'plain',
    openRunId: 'plain',
    openAttemptId: 'plain',
    outOffset: 'plain',
    errOffset: 'plain',
    stdinOffset: 'plain',
    driverState: 'plain',
    agentPid: 'plain',
    transport: 'plain',
    launchKey: 'plain',
    idleSince: 'plain',
    exitCode: 'plain',
    exitSignal: 'plain',
    startedAt: 'plain',
    exitedAt: 'plain',
  },
  stdin_messages: { id: 'plain', processId: 'plain', sessionId: 'plain', offset: 'plain', payload: 'plain' },
  idempotency_keys: {
    id: 'plain',
    tenantId: 'plain',
    userId: 'plain',
    requestHash: 'plain',
    runId: 'plain',
    createdAt: 'plain',
  },
  permissions: {
    id: 'plain',
    tenantId: 'plain',
    userId: 'plain',
    sessionId: 'plain',
    runId: 'plain',
    processId: 'plain',
    nativeId: 'plain',
    toolCallId: 'plain',
    title: 'plain',
    tool: 'plain',
    command: 'plain',
    paths: 'json',
    isFullyKnown: 'boolean',
    rawInput: 'json',
    requestedAt: 'plain',
    deadlineAt: 'plain',
    otherwise: 'plain',
    decision: 'plain',
    by: 'plain',
    resolvedAt: 'plain',
  },
  audit_entries: {
    id: 'plain',
    at: 'plain',
    tenantId: 'plain',
    userId: 'plain',
    action: 'plain',
    sessionId: 'plain',
    runId: 'plain',
    detail: 'json',
  },
};

export function toColumn(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function toSqlValue(table: keyof Tables, property: string, value: unknown): SQLInputValue {
  const kind = (columnsOf[table] as Readonly<Record<string, string>>)[property];
  if (kind === 'boolean') return value === true ? 1 : 0;
  // What JSON has no word for, as an input that is absent, is null.
  return kind === 'json' ? JSON.stringify(value ?? null) : (value as SQLInputValue);
}

/** `SELECT …` of a row under the names that the code uses: the whole, but for columns that are to be read as something else. */
export function selectFrom(
  table: keyof Tables,
  instead: Readonly<Record<string, string>> = table === 'processes' ? offsetColumns : {},
): string {
  const columns = Object.keys(columnsOf[table]).map(
    (property) => `${instead[property] ?? `"${toColumn(property)}"`} AS "${property}"`,
  );
  return `SELECT ${columns.join(', ')} FROM ${table}`;
}

/** A row that `selectFrom` has read. */
export function fromRow<Table extends keyof Tables>(table: Table, row: Record<string, SQLOutputValue>): Tables[Table] {
  const mapped: Record<string, unknown> = { ...row };
  for (const [property, kind] of Object.entries(columnsOf[table])) {
    if (kind === 'json') mapped[property] = JSON.parse(row[property] as string);
    if (kind === 'boolean') mapped[property] = row[property] === 1;
  }
  return mapped as unknown as Tables[Table];
}
