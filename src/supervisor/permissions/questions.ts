import type { PermissionFacts, Question } from '../../agents/driver.ts';
import type { EventData } from '../../contracts/events.ts';
import type { PermissionId, ProcessId } from '../../contracts/ids.ts';
import type { PermissionDecision, PermissionResolver } from '../../contracts/permission.ts';
import type { PermissionAction } from '../../contracts/policy.ts';
import { decidePermission } from '../../domain/permissions/decide.ts';
import { describeRule } from '../../domain/permissions/describe-rule.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { Clock } from '../../kernel/clock.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { PermissionRow, RunRow, SessionRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import { resolvePaths } from '../../workspace/resolve-paths.ts';
import type { ReadyProfile } from '../profiles.ts';
import type { Change } from '../process/turn.ts';
import { auditEntry } from './audit-entry.ts';
import { policyLevels } from './policy-levels.ts';

export interface QuestionsOptions {
  readonly processId: ProcessId;
  readonly profile: ReadyProfile;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** A question as the agent's own line tells it. */
export type Asked = Question & PermissionFacts & Pick<EventData<'permission.requested'>, 'toolCallId' | 'title'>;

/** How many questions of one agent may wait, and with how much in them, in characters of JSON. */
const mostPending = 100;
const mostPendingChars = 16_000_000;

/** In characters of JSON; null for what is nested too deeply to be written. */
function sizeOf(rawInput: unknown): number | null {
  try {
    return JSON.stringify(rawInput ?? null).length;
  } catch {
    return null;
  }
}

interface Judgement {
  readonly action: PermissionAction;
  /** For people. */
  readonly because: string;
  readonly deadlineMs: number;
  readonly otherwise: PermissionDecision;
  readonly paths: readonly string[];
  readonly isFullyKnown: boolean;
}

/** What a question comes to at once. */
export interface Verdict extends Change {
  readonly id: PermissionId;
  /** Null: somebody is asked. */
  readonly decision: PermissionDecision | null;
  /** For the agent, where it is denied. */
  readonly message?: string;
}

/** The permissions that one agent asks for: what policy decides, and what waits for an answer. The first answer counts. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #pending = new Map<PermissionId, PermissionRow>();
  /** What we call the questions of this process, by what the agent calls them. */
  readonly #ids = new Map<string, PermissionId>();

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#pending.size;
  }

  get pending(): readonly PermissionRow[] {
    return [...this.#pending.values()];
  }

  /** Takes up what an earlier server left without an answer. */
  restore(rows: readonly PermissionRow[]): void {
    for (const row of rows) {
      this.#pending.set(row.id, row);
      this.#ids.set(row.nativeId, row.id);
    }
  }

  idOf(nativeId: string): PermissionId {
    const known = this.#ids.get(nativeId);
    if (known !== undefined) return known;
    const id = this.#options.newId('prm');
    this.#ids.set(nativeId, id);
    return id;
  }

  isPending(id: PermissionId): boolean {
    return this.#pending.has(id);
  }

  /**
   * Outside of a run there is nobody to ask, and what an earlier run left at work is allowed nothing: that run's own policy holds no more.
   */
  ask(asked: Asked, session: SessionRow, run: RunRow | null): Verdict {
    // Under one name an agent is told one thing, once.
    const isRepeated = this.#ids.has(asked.permissionId);
    const id = this.idOf(asked.permissionId);
    const { toolCallId, title } = asked;
    const size = sizeOf(asked.rawInput);
    const rawInput = size === null ? null : asked.rawInput;
    const requested = { permissionId: id, toolCallId, title, rawInput };
    if (isRepeated) {
      return { id, decision: null, events: [{ type: 'permission.requested', data: requested }], writes: [] };
    }
    const judged = this.#judge(asked, size, session, run);
    if (judged.action === 'ask' && run !== null) {
      const row = this.#row(id, asked, run, judged);
      this.#pending.set(id, row);
      const data = { ...requested, deadlineAt: row.deadlineAt, otherwise: judged.otherwise };
      return {
        id,
        decision: null,
        events: [{ type: 'permission.requested', data }],
        writes: [{ table: 'permissions', insert: row }],
      };
    }
    const decision = judged.action === 'allow' ? 'allow' : 'deny';
    const detail = { permissionId: id, tool: asked.tool, title, by: 'policy', rule: judged.because };
    const entry = auditEntry(this.#options, session, {
      action: `permission.${decision}`,
      runId: run?.id ?? null,
      detail,
    });
    return {
      id,
      decision,
      message: `Denied by Drover's policy: ${judged.because}`,
      events: [
        { type: 'permission.requested', data: requested },
        { type: 'permission.resolved', data: { permissionId: id, decision, by: 'policy', rule: judged.because } },
      ],
      writes: [{ table: 'audit_entries', insert: entry }],
    };
  }

  #judge(asked: Asked, size: number | null, session: SessionRow, run: RunRow | null): Judgement {
    const { profile } = this.#options;
    const { paths, areComplete } = resolvePaths(asked.paths, session.workspacePath);
    const isFullyKnown = asked.isFullyKnown && areComplete;
    const denied = { action: 'deny', otherwise: 'deny', deadlineMs: 0, paths, isFullyKnown } as const;
    if (run === null) return { ...denied, because: 'no run is open' };
    if (size === null) return { ...denied, because: 'its input is nested too deeply' };
    const { tool, command, isSearch = false } = asked;
    const subject = { tool, command, paths, isFullyKnown, isSearch, workspace: session.workspacePath };
    const { action, rule, level, deadlineMs, otherwise } = decidePermission(
      policyLevels(profile, session, run),
      subject,
    );
    if (action === 'ask' && this.#isFull(size)) return { ...denied, because: 'too much of it waits for an answer' };
    const because = rule === null ? 'no rule matches' : `${describeRule(rule)} (${level})`;
    return { action, because, otherwise, deadlineMs: deadlineMs ?? profile.permissionDeadlineMs, paths, isFullyKnown };
  }

  /** An agent that asks without end must not fill the memory of this server, nor of the next. */
  #isFull(size: number): boolean {
    let chars = size;
    for (const row of this.#pending.values()) chars += sizeOf(row.rawInput) ?? 0;
    return this.#pending.size >= mostPending || chars > mostPendingChars;
  }

  /** Throws `already_resolved` where an answer came before. */
  find(id: PermissionId): PermissionRow {
    const row = this.#pending.get(id);
    if (row !== undefined) return row;
    throw new AppError('already_resolved', `The permission "${id}" does not wait for an answer any more`);
  }

  /** Throws `already_resolved` where an answer came before. */
  resolve(id: PermissionId, decision: PermissionDecision, by: PermissionResolver): { row: PermissionRow } & Change {
    const row = this.find(id);
    this.#pending.delete(id);
    const patch = { decision, by, resolvedAt: toTimestamp(this.#options.clock) };
    return {
      row: { ...row, ...patch },
      events: [{ type: 'permission.resolved', data: { permissionId: id, decision, by } }],
      writes: [{ table: 'permissions', id, patch }],
    };
  }

  /** Puts off the deadlines, by what is left of each in milliseconds. */
  postpone(left: ReadonlyMap<PermissionId, number>): Write[] {
    return [...left].flatMap(([id, ms]): Write[] => {
      const row = this.#pending.get(id);
      if (row === undefined) return [];
      const deadlineAt = new Date(this.#options.clock.now() + ms).toISOString();
      this.#pending.set(id, { ...row, deadlineAt });
      return [{ table: 'permissions', id, patch: { deadlineAt } }];
    });
  }

  #row(
    id: PermissionId,
    { permissionId: nativeId, toolCallId, title, tool, command, rawInput }: Asked,
    run: RunRow,
    { deadlineMs, otherwise, paths, isFullyKnown }: Judgement,
  ): PermissionRow {
    const { clock, processId } = this.#options;
    return {
      id,
      tenantId: run.tenantId,
      userId: run.userId,
      sessionId: run.sessionId,
      runId: run.id,
      processId,
      nativeId,
      toolCallId,
      title,
      tool,
      command,
      paths,
      isFullyKnown,
      rawInput: rawInput ?? null,
      requestedAt: toTimestamp(clock),
      deadlineAt: new Date(clock.now() + deadlineMs).toISOString(),
      otherwise,
      decision: null,
      by: null,
      resolvedAt: null,
    };
  }
}
