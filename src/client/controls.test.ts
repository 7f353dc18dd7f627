import { describe, expect, it } from 'vitest';
import { createClient, type DroverClient } from './client.ts';

const sessionId = 'ses_01890000-0000-7000-8000-000000000001';
const runId = 'run_01890000-0000-7000-8000-000000000002';
const permissionId = 'prm_01890000-0000-7000-8000-000000000003';
const at = '2026-11-21T10:00:00.000Z';

const session = {
  id: sessionId,
  profile: 'claude',
  workspace: { path: '/work', isShared: true },
  nativeSessionId: null,
  isPaused: true,
  permissions: [{ action: 'allow', tool: 'Read' }],
  process: { id: 'prc_01890000-0000-7000-8000-000000000005', state: 'warm', since: at },
  createdAt: at,
  cursor: '3-0',
};

const run = {
  id: runId,
  sessionId,
  profile: 'claude',
  state: 'paused',
  since: at,
  reason: null,
  message: null,
  evidence: 'nothing of its tree runs',
  mode: 'queue',
  queuePosition: null,
  requestedVerb: null,
  permissions: { isAllowAll: false, rules: [], pending: [permissionId] },
  live: {
    doing: 'thinks',
    pid: 7,
    silentMs: 10,
    sinceProgressMs: null,
    cpuMs: 100.5,
    memoryBytes: 1_000,
    processes: 2,
  },
  prompt: 'Hello',
  answer: null,
  answerSource: null,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
  attempts: 1,
  createdAt: at,
  startedAt: at,
  endedAt: null,
};

const permission = {
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
  deadlineAt: at,
  otherwise: 'deny',
  decision: null,
  by: null,
  resolvedAt: null,
};

const entry = { at, userId: null, action: 'permission.deny', sessionId, runId, detail: { by: 'policy' } };

/** What is sent for a call of the client, and what the call makes of the answer. */
async function sent(answer: unknown, call: (client: DroverClient) => Promise<unknown>) {
  const requests: unknown[][] = [];
  const client = createClient({
    url: 'http://127.0.0.1:1',
    token: 'drv_secret',
    async fetch(url, init) {
      const { pathname, search } = new URL(url instanceof Request ? url.url : url);
      const body = typeof init?.body === 'string' ? [JSON.parse(init.body) as unknown] : [];
      requests.push([`${init?.method} ${pathname}${search}`, ...body]);
      return Response.json(answer);
    },
  });
  return { got: await call(client), requests };
}

describe('the control of', () => {
  const policy = [{ action: 'deny', command: 'git push*' }] as const;

  it.each<[string, unknown[], (client: DroverClient) => Promise<unknown>]>([
    ['pause', [`POST /v1/runs/${runId}/pause`], (client) => client.pause(runId)],
    [
      'pause when finished',
      [`POST /v1/runs/${runId}/pause`, { when: 'finished' }],
      (client) => client.pause(runId, { when: 'finished' }),
    ],
    ['resume', [`POST /v1/runs/${runId}/resume`], (client) => client.resume(runId)],
    ['edit', [`PATCH /v1/runs/${runId}`, { prompt: 'x' }], (client) => client.changeRun(runId, { prompt: 'x' })],
    ['move', [`PATCH /v1/runs/${runId}`, { before: null }], (client) => client.changeRun(runId, { before: null })],
  ])('a run: %s', async (_name, request, call) => {
    expect(await sent(run, call)).toEqual({ got: run, requests: [request] });
  });

  it.each<[string, unknown[], (client: DroverClient) => Promise<unknown>]>([
    ['pause', [`POST /v1/sessions/${sessionId}/pause`], (client) => client.pauseSession(sessionId)],
    ['resume', [`POST /v1/sessions/${sessionId}/resume`], (client) => client.resumeSession(sessionId)],
    ['warm', [`POST /v1/sessions/${sessionId}/warm`], (client) => client.warmSession(sessionId)],
    [
      'rules',
      [`PATCH /v1/sessions/${sessionId}`, { permissions: policy }],
      (client) => client.changeSession(sessionId, { permissions: [...policy] }),
    ],
  ])('a session: %s', async (_name, request, call) => {
    expect(await sent(session, call)).toEqual({ got: session, requests: [request] });
  });

  it('permissions: they are listed, read and answered', async () => {
    const list = await sent({ permissions: [permission] }, (client) =>
      client.permissions({ pending: true, sessionId }),
    );
    const { rawInput: _, ...summary } = permission;
    expect(list).toEqual({
      got: [summary],
      requests: [[`GET /v1/permissions?pending=true&sessionId=${sessionId}`]],
    });
    const one = await sent(permission, (client) => client.permission(permissionId));
    expect(one).toEqual({ got: permission, requests: [[`GET /v1/permissions/${permissionId}`]] });
    const answer = { decision: 'allow', remember: true } as const;
    expect((await sent(permission, (client) => client.answerPermission(permissionId, answer))).requests).toEqual([
      [`POST /v1/permissions/${permissionId}/answer`, answer],
    ]);
  });

  it('the audit: it is listed', async () => {
    const { got, requests } = await sent({ entries: [entry] }, (client) => client.auditEntries({ limit: 5 }));
    expect([got, requests]).toEqual([[entry], [['GET /v1/audit?limit=5']]]);
  });
});
