import { z } from 'zod';
import type { Event } from '../contracts/events.ts';
import { Permission, PermissionSummary } from '../contracts/permission.ts';
import { AuditEntry, EventPage, Profile, Run, RunSummary, Session } from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import { attachTerminal } from './attach-terminal.ts';
import type { DroverClient, RawLogOptions } from './drover-client.ts';
import { followEvents } from './follow-events.ts';
import { openSocket } from './open-socket.ts';
import { ProblemError } from './problem-error.ts';
import { ask, send, type Connection } from './requests.ts';

export type { Event } from '../contracts/events.ts';
export { ProblemError } from './problem-error.ts';
export { applyEvent, emptyTranscript, foldTranscript } from './transcript.ts';
export type * from './drover-client.ts';
export type * from './transcript-shape.ts';
export type { Connection } from './requests.ts';
export type { FollowOptions, StreamReset } from './follow-events.ts';
export type { AttachedTerminal, AttachOptions, TerminalItem, TerminalNotice } from './attached-terminal.ts';
export type { DroverSocket, OpenRuns, SocketOptions } from './drover-socket.ts';

/**
 * The typed client of a Drover server.
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:4870', token });
 * const session = await client.createSession({ profile: 'claude', workspace: { path: '/home/me/project' } });
 * const { run } = await client.createRun(session.id, { prompt: 'Fix the failing test' });
 * for await (const item of client.events(session.id)) {
 *   if ('reset' in item) continue;
 *   if (item.type === 'run.ended' && item.runId === run.id) break;
 * }
 */
export function createClient(options: Connection): DroverClient {
  const get = async <Schema extends z.ZodType>(schema: Schema, path: string, query = {}) =>
    (await ask(options, schema, path, { query })).body;
  const change = async <Schema extends z.ZodType>(
    schema: Schema,
    method: 'POST' | 'PATCH',
    path: string,
    body?: unknown,
  ) => (await ask(options, schema, path, { method, body })).body;
  const command = (runId: string, verb: RunVerb, body?: unknown) =>
    change(Run, 'POST', `${runPath(runId)}/${verb}`, body);
  return {
    createSession: (body) => change(Session, 'POST', '/v1/sessions', body),
    session: (id) => get(Session, sessionPath(id)),
    sessions: async () => (await get(SessionList, '/v1/sessions')).sessions,
    changeSession: (sessionId, body) => change(Session, 'PATCH', sessionPath(sessionId), body),
    pauseSession: (sessionId) => change(Session, 'POST', `${sessionPath(sessionId)}/pause`),
    resumeSession: (sessionId) => change(Session, 'POST', `${sessionPath(sessionId)}/resume`),
    warmSession: (sessionId) => change(Session, 'POST', `${sessionPath(sessionId)}/warm`),

    async createRun(sessionId, body, { idempotencyKey } = {}) {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const answer = await ask(options, Run, `${sessionPath(sessionId)}/runs`, { method: 'POST', body, headers });
      const isRepeated = answer.headers.get('idempotent-replayed') === 'true';
      return { run: answer.body, isRepeated, isSteered: body.mode === 'steer' && answer.status === 200 };
    },
    run: (id) => get(Run, runPath(id)),
    runs: async (filter = {}) => (await get(RunList, '/v1/runs', filter)).runs,
    interrupt: (runId) => command(runId, 'interrupt'),
    stop: (runId) => command(runId, 'stop'),
    cancel: (runId) => command(runId, 'cancel'),
    pause: (runId, body) => command(runId, 'pause', body),
    resume: (runId) => command(runId, 'resume'),
    changeRun: (runId, body) => change(Run, 'PATCH', runPath(runId), body),

    permissions: async (filter = {}) => (await get(PermissionList, '/v1/permissions', filter)).permissions,
    permission: (id) => get(Permission, permissionPath(id)),
    answerPermission: (id, body) => change(Permission, 'POST', `${permissionPath(id)}/answer`, body),
    auditEntries: async (filter = {}) => (await get(AuditEntryList, '/v1/audit', filter)).entries,

    eventPage: (sessionId, query) => get(UncheckedEventPage, `${sessionPath(sessionId)}/events`, query),
    events: (sessionId, follow = {}) => followEvents(options, sessionId, follow),
    socket: (socket) => openSocket(options, socket),
    terminal: (runId, attach) => attachTerminal(options, runId, attach),
    rawLog: (runId, stream, log = {}) => readRawLog(options, `${runPath(runId)}/logs/${stream}`, log),

    profiles: async () => (await get(ProfileList, '/v1/profiles')).profiles,
    async health() {
      await send(options, '/v1/health');
    },
  };
}

const SessionList = z.object({ sessions: z.array(Session) });
const RunList = z.object({ runs: z.array(RunSummary) });
const PermissionList = z.object({ permissions: z.array(PermissionSummary) });
const AuditEntryList = z.object({ entries: z.array(AuditEntry) });
const ProfileList = z.object({ profiles: z.array(Profile) });
const UncheckedEventPage = EventPage.extend({ events: z.array(z.custom<Event>()) });

function sessionPath(id: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}`;
}

function runPath(id: string): string {
  return `/v1/runs/${encodeURIComponent(id)}`;
}

function permissionPath(id: string): string {
  return `/v1/permissions/${encodeURIComponent(id)}`;
}

async function readRawLog(
  connection: Connection,
  path: string,
  options: RawLogOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { attempt, offset = 0, signal } = options;
  const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
  try {
    const { body } = await send(connection, path, { query: { attempt }, headers, signal });
    return body ?? new Blob([]).stream();
  } catch (error) {
    // Nothing lies beyond the offset yet.
    if (error instanceof ProblemError && error.status === 416) return new Blob([]).stream();
    throw error;
  }
}
