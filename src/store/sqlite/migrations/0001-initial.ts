import type { Migration } from '../migrate.ts';

/**
 * Every row belongs to a user of a tenant: the roots name both, all other rows name their session.
 *
 * References are deferred to the end of the transaction, so that the rows of one commit may come in any order. `key` columns are
 * internal: they keep the order of creation and stay short in the largest table.
 */
export const initial: Migration = {
  name: 'initial',
  statements: [
    `CREATE TABLE tenants (
      id TEXT NOT NULL PRIMARY KEY,
      created_at TEXT NOT NULL
    ) STRICT`,

    `CREATE TABLE users (
      id TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (id),
      created_at TEXT NOT NULL,
      UNIQUE (tenant_id, id)
    ) STRICT`,

    // One row: which life of a server this is, and how the one before it ended.
    `CREATE TABLE meta (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      is_clean INTEGER NOT NULL,
      boot_id TEXT,
      local_user_id TEXT REFERENCES users (id)
    ) STRICT`,
    `INSERT INTO meta (id, epoch, generation, is_clean) VALUES (1, 0, 1, 1)`,

    `CREATE TABLE tokens (
      id TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      hash TEXT NOT NULL UNIQUE,
      created_at TEXT NOT NULL,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    ) STRICT`,

    `CREATE TABLE sessions (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      tenant_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      profile TEXT NOT NULL,
      workspace_path TEXT NOT NULL,
      native_session_id TEXT,
      created_at TEXT NOT NULL,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    ) STRICT`,
    `CREATE INDEX sessions_by_owner ON sessions (tenant_id, user_id)`,

    `CREATE TABLE runs (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      tenant_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      state TEXT NOT NULL,
      since TEXT NOT NULL,
      prompt TEXT NOT NULL,
      requested_verb TEXT,
      reason TEXT,
      message TEXT,
      answer TEXT,
      answer_source TEXT,
      usage TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      started_at TEXT,
      ended_at TEXT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    ) STRICT`,
    `CREATE INDEX runs_by_owner ON runs (tenant_id, user_id)`,
    `CREATE INDEX runs_by_session ON runs (session_id)`,
    `CREATE INDEX open_runs ON runs (key)
      WHERE state NOT IN ('succeeded', 'failed', 'interrupted', 'stopped', 'canceled')`,

    `CREATE TABLE processes (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      state TEXT NOT NULL,
      driver TEXT NOT NULL,
      open_run_id TEXT REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,
      open_attempt_id TEXT REFERENCES attempts (id) DEFERRABLE INITIALLY DEFERRED,
      out_offset INTEGER NOT NULL,
      err_offset INTEGER NOT NULL,
      stdin_offset INTEGER NOT NULL,
      driver_state TEXT NOT NULL,
      agent_pid INTEGER,
      exit_code INTEGER,
      exit_signal TEXT,
      started_at TEXT NOT NULL,
      exited_at TEXT
    ) STRICT`,
    `CREATE INDEX processes_by_session ON processes (session_id)`,
    `CREATE INDEX open_processes ON processes (key) WHERE state <> 'exited'`,

    `CREATE TABLE attempts (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      run_id TEXT NOT NULL REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      process_id TEXT NOT NULL REFERENCES processes (id) DEFERRABLE INITIALLY DEFERRED,
      number INTEGER NOT NULL,
      outcome TEXT,
      reason TEXT,
      started_at TEXT NOT NULL,
      ended_at TEXT,
      UNIQUE (run_id, number)
    ) STRICT`,

    `CREATE TABLE stdin_messages (
      id TEXT NOT NULL PRIMARY KEY,
      process_id TEXT NOT NULL REFERENCES processes (id) DEFERRABLE INITIALLY DEFERRED,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      offset INTEGER NOT NULL,
      payload TEXT NOT NULL
    ) STRICT`,
    `CREATE INDEX stdin_messages_by_offset ON stdin_messages (process_id, offset)`,

    `CREATE TABLE idempotency_keys (
      id TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      request_hash TEXT NOT NULL,
      run_id TEXT NOT NULL REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,
      created_at TEXT NOT NULL,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    ) STRICT`,

    // Not WITHOUT ROWID: rows of this size make the inner pages of such a table wide; measured at half the inserts per second.
    `CREATE TABLE events (
      session_key INTEGER NOT NULL REFERENCES sessions (key),
      seq INTEGER NOT NULL,
      json TEXT NOT NULL,
      message_id TEXT,
      PRIMARY KEY (session_key, seq)
    ) STRICT`,

    // What could be asked of events, but only by reading all of a session's: which messages are not complete.
    `CREATE TABLE open_messages (
      session_key INTEGER NOT NULL REFERENCES sessions (key),
      message_id TEXT NOT NULL,
      since_seq INTEGER NOT NULL,
      PRIMARY KEY (session_key, message_id)
    ) STRICT, WITHOUT ROWID`,
  ],
};
