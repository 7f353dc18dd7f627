import { z } from 'zod';
import type { Event } from '../contracts/events.ts';
import {
  EventPage,
  Profile,
  Run,
  RunSummary,
  Session,
  type CreateRun,
  type CreateSession,
} from '../contracts/resources.ts';
import type { RunVerb } from '../contracts/run-state.ts';
import { followEvents, type FollowOptions, type StreamReset } from './follow-events.ts';
import { ProblemError } from './problem-error.ts';
import { ask, send, type Connection } from './requests.ts';

export type { Event } from '../contracts/events.ts';
export { ProblemError } from './problem-error.ts';
export { applyEvent, emptyTranscript, foldTranscript } from './transcript.ts';
export type * from './transcript-shape.ts';
export type { Connection } from './requests.ts';
export type { FollowOptions, StreamReset } from './follow-events.ts';

/** Every method rejects with ProblemError where the server refuses (`code`, `detail`) or does not answer (`server_unreachable`). */
export interface DroverClient {
  createSession(input: CreateSession): Promise<Session>;
  session(id: string): Promise<Session>;
  /** Newest first. */
  sessions(): Promise<Session[]>;

  /** Queues a run. With an `idempotencyKey` it is safe to send the same request again. */
  createRun(sessionId: string, input: CreateRun, options?: CreateRunOptions): Promise<CreatedRun>;
  run(id: string): Promise<Run>;
  /** Newest first; without their answers, and of their prompts only the beginning. */
  runs(filter?: RunFilter): Promise<RunSummary[]>;
  interrupt(runId: string): Promise<Run>;
  stop(runId: string): Promise<Run>;
  cancel(runId: string): Promise<Run>;

  /**
   * One page of events; pass its `cursor` as `after` for the next. To begin at the end, ask for `before: 'end'`; then pass `start` as
   * `before` for what came earlier, and `cursor` to `events` for what comes. Its events are not checked one by one.
   */
  eventPage(sessionId: string, query?: EventPageQuery): Promise<EventPage>;
  /** All events, stored and live, over lost connections and restarts of the server; endless until the signal aborts. */
  events(sessionId: string, options?: FollowOptions): AsyncIterable<Event | StreamReset>;
  /** The agent's own bytes. */
  rawLog(runId: string, stream: 'stdout' | 'stderr', options?: RawLogOptions): Promise<ReadableStream<Uint8Array>>;

  profiles(): Promise<Profile[]>;
  /** Rejects where no server answers. */
  health(): Promise<void>;
}

export interface CreateRunOptions {
  readonly idempotencyKey?: string;
}

export interface CreatedRun {
  readonly run: Run;
  /** The key was used before for the same request: nothing new was made. */
  readonly isRepeated: boolean;
}

export interface RunFilter {
  /** Only runs that have not ended. @default false */
  readonly open?: boolean;
  readonly sessionId?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface EventPageQuery {
  /** A cursor: the events beyond it. @default from the beginning */
  readonly after?: string;
  /** A cursor, or `end`: the last events up to there, in order; not with `after`. */
  readonly before?: string;
  /** @default 200 */
  readonly limit?: number;
}

export interface RawLogOptions {
  /** The number of an attempt. @default the newest */
  readonly attempt?: number;
  /** Bytes to leave out at the beginning. @default 0 */
  readonly offset?: number;
  readonly signal?: AbortSignal;
}

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
  const command = async (runId: string, verb: RunVerb) =>
    (await ask(options, Run, `${runPath(runId)}/${verb}`, { method: 'POST' })).body;
  return {
    createSession: async (body) => (await ask(options, Session, '/v1/sessions', { method: 'POST', body })).body,
    session: (id) => get(Session, sessionPath(id)),
    sessions: async () => (await get(SessionList, '/v1/sessions')).sessions,

    async createRun(sessionId, body, { idempotencyKey } = {}) {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const answer = await ask(options, Run, `${sessionPath(sessionId)}/runs`, { method: 'POST', body, headers });
      return { run: answer.body, isRepeated: answer.status === 200 };
    },
    run: (id) => get(Run, runPath(id)),
    runs: async (filter = {}) => (await get(RunList, '/v1/runs', filter)).runs,
    interrupt: (runId) => command(runId, 'interrupt'),
    stop: (runId) => command(runId, 'stop'),
    cancel: (runId) => command(runId, 'cancel'),

    eventPage: (sessionId, query) => get(UncheckedEventPage, `${sessionPath(sessionId)}/events`, query),
    events: (sessionId, follow = {}) => followEvents(options, sessionId, follow),
    rawLog: (runId, stream, log = {}) => readRawLog(options, `${runPath(runId)}/logs/${stream}`, log),

    profiles: async () => (await get(ProfileList, '/v1/profiles')).profiles,
    async health() {
      await send(options, '/v1/health');
    },
  };
}

const SessionList = z.object({ sessions: z.array(Session) });
const RunList = z.object({ runs: z.array(RunSummary) });
const ProfileList = z.object({ profiles: z.array(Profile) });
const UncheckedEventPage = EventPage.extend({ events: z.array(z.custom<Event>()) });

function sessionPath(id: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}`;
}

function runPath(id: string): string {
  return `/v1/runs/${encodeURIComponent(id)}`;
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
