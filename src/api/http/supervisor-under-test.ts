import { Readable } from 'node:stream';
import type { PermissionId, RunId, SessionId, UserId } from '../../contracts/ids.ts';
import type { Permission } from '../../contracts/permission.ts';
import type { AuditEntry, Run, Session } from '../../contracts/resources.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { HttpDependencies } from './api.ts';

export const sessionId = 'ses_01890000-0000-7000-8000-000000000001' as SessionId;
export const runId = 'run_01890000-0000-7000-8000-000000000002' as RunId;
export const permissionId = 'prm_01890000-0000-7000-8000-000000000003' as PermissionId;
const userId = 'usr_01890000-0000-7000-8000-000000000004' as UserId;
const at = '2026-11-21T10:00:00.000Z';

export const session: Session = {
  id: sessionId,
  profile: 'claude',
  workspace: { path: '/work', isShared: false },
  nativeSessionId: null,
  isPaused: false,
  permissions: null,
  process: null,
  createdAt: at,
  cursor: '3-0',
};

export const run: Run = {
  id: runId,
  sessionId,
  profile: 'claude',
  state: 'queued',
  since: at,
  reason: null,
  message: null,
  evidence: 'waits for a slot',
  mode: 'queue',
  requestedVerb: null,
  permissions: { isAllowAll: false, rules: ['ask everything (server)'], pending: [] },
  queuePosition: 1,
  live: null,
  prompt: 'Hello',
  answer: null,
  answerSource: null,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
  attempts: 0,
  createdAt: at,
  startedAt: null,
  endedAt: null,
};

export const permission: Permission = {
  id: permissionId,
  sessionId,
  runId,
  toolCallId: null,
  title: 'Run git push',
  tool: 'Bash',
  command: 'git push',
  paths: [],
  rawInput: { command: 'git push' },
  requestedAt: at,
  deadlineAt: '2026-11-21T10:05:00.000Z',
  otherwise: 'deny',
  decision: null,
  by: null,
  resolvedAt: null,
};

export const auditEntry: AuditEntry = {
  at,
  userId,
  action: 'permission.allow',
  sessionId,
  runId,
  detail: { permissionId, tool: 'Bash' },
};

/** A supervisor that knows one session with one run and one permission, and notes what it is asked to do. */
export function rememberingSupervisor(calls: unknown[][]): HttpDependencies['supervisor'] {
  const remember = (...call: unknown[]) => void calls.push(call);
  const known = <Found>(isKnown: boolean, found: Found): Found => {
    if (!isKnown) throw new AppError('not_found', 'There is nothing of that name');
    return found;
  };
  /** Notes what is done to the one thing of its kind that there is. */
  const doTo =
    <Found extends { readonly id: string }>(method: string, found: Found) =>
    async (_owner: unknown, id: string, ...rest: unknown[]): Promise<Found> => {
      remember(method, id, ...rest);
      return known(id === found.id, found);
    };
  return {
    async createSession(_, input) {
      remember('createSession', input);
      return session;
    },
    session: async (_, id) => known(id === sessionId, session),
    sessions: async () => [session],
    changeSession: doTo('changeSession', session),
    pauseSession: doTo('pauseSession', session),
    resumeSession: doTo('resumeSession', session),
    warmSession: doTo('warmSession', session),

    async createRun(_, id, input, key) {
      remember('createRun', id, input, key);
      const isRepeated =
        key !== undefined && calls.filter(([name, , , other]) => name === 'createRun' && other === key).length > 1;
      return { run, isRepeated, isSteered: input.mode === 'steer' };
    },
    run: async (_, id) => known(id === runId, run),
    async runs(_, filter) {
      remember('runs', filter);
      return [run];
    },
    changeRun: doTo('changeRun', run),
    command: doTo('command', run),
    pauseWhenFinished: doTo('pauseWhenFinished', run),

    async permissions(_, filter) {
      remember('permissions', filter);
      return [permission];
    },
    permission: async (_, id) => known(id === permissionId, permission),
    answerPermission: doTo('answerPermission', permission),
    async auditEntries(_, filter) {
      remember('auditEntries', filter);
      return [auditEntry];
    },

    terminal: async () => known(false, undefined as never),
    rawLog: async () => known(false, { size: 0, open: async () => Readable.from([]) }),
    profiles: () => [
      {
        name: 'claude',
        driver: 'claude',
        capabilities: {
          resume: true,
          interrupt: true,
          permissions: true,
          partials: true,
          cost: true,
          steer: true,
          warm: true,
        },
        terminal: null,
        command: '/usr/bin/claude',
        problem: null,
      },
    ],
  };
}
