import type { Migration } from '../migrate.ts';

/** What people at the controls ask for and are asked, and what a process needs to be there for several runs. */
export const controls: Migration = {
  name: 'controls',
  statements: [
    `ALTER TABLE sessions ADD COLUMN workspace_is_shared INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE sessions ADD COLUMN paused_at TEXT`,
    `ALTER TABLE sessions ADD COLUMN permissions TEXT NOT NULL DEFAULT 'null'`,

    `ALTER TABLE runs ADD COLUMN mode TEXT NOT NULL DEFAULT 'queue'`,
    `ALTER TABLE runs ADD COLUMN replaces TEXT`,
    `ALTER TABLE runs ADD COLUMN position INTEGER NOT NULL DEFAULT 0`,
    `UPDATE runs SET position = key`,
    `ALTER TABLE runs ADD COLUMN permissions TEXT NOT NULL DEFAULT 'null'`,
    `ALTER TABLE runs ADD COLUMN paused_ms INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE runs ADD COLUMN ended_for TEXT NOT NULL DEFAULT 'null'`,

    `ALTER TABLE processes ADD COLUMN transport TEXT NOT NULL DEFAULT 'pipe'`,
    // Equal to none: what an older release started is not used for another run.
    `ALTER TABLE processes ADD COLUMN launch_key TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE processes ADD COLUMN idle_since TEXT`,

    // Questions that somebody is asked; those that a policy answers at once are only events.
    `CREATE TABLE permissions (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      tenant_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      run_id TEXT NOT NULL REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,
      process_id TEXT NOT NULL REFERENCES processes (id) DEFERRABLE INITIALLY DEFERRED,
      native_id TEXT NOT NULL,
      tool_call_id TEXT,
      title TEXT NOT NULL,
      tool TEXT NOT NULL,
      command TEXT,
      paths TEXT NOT NULL,
      is_fully_known INTEGER NOT NULL,
      raw_input TEXT NOT NULL,
      requested_at TEXT NOT NULL,
      deadline_at TEXT NOT NULL,
      otherwise TEXT NOT NULL,
      decision TEXT,
      "by" TEXT,
      resolved_at TEXT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    ) STRICT`,
    `CREATE INDEX permissions_by_owner ON permissions (tenant_id, user_id)`,
    `CREATE INDEX permissions_by_session ON permissions (session_id)`,
    `CREATE INDEX pending_permissions ON permissions (process_id) WHERE decision IS NULL`,

    `CREATE TABLE audit_entries (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      at TEXT NOT NULL,
      tenant_id TEXT NOT NULL REFERENCES tenants (id),
      user_id TEXT,
      action TEXT NOT NULL,
      session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
      run_id TEXT REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,
      detail TEXT NOT NULL
    ) STRICT`,
    `CREATE INDEX audit_entries_by_session ON audit_entries (session_id)`,
    `CREATE INDEX audit_entries_by_tenant ON audit_entries (tenant_id)`,
  ],
};
