import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TenantId, UserId } from '../../contracts/ids.ts';
import { systemClock, type Clock } from '../../kernel/clock.ts';
import { EventBatch } from '../../log/event-batch.ts';
import type { EventLog, LoggedEvent } from '../../log/event-log.ts';
import type { Owner } from '../../store/rows.ts';
import type { HttpDependencies } from './api.ts';
import { rememberingSupervisor } from './supervisor-under-test.ts';
import { createHttpServer } from './server.ts';

export { auditEntry, permission, permissionId, run, runId, session, sessionId } from './supervisor-under-test.ts';

/** For the tests of this folder: a real server on a free port, with a supervisor and a log that only remember. */
export interface ApiUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly log: RememberedLog;
  /** What the supervisor was asked, in order: the method's name, then its arguments without the owner. */
  readonly calls: unknown[][];
  /** What the server logged, as JSON text. */
  readonly logged: string[];
  /** Sends exactly these headers and a Host, to which nothing is added but what HTTP needs. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** Sends exactly these bytes on a connection of its own; resolves with all that comes back. */
  sendRaw(bytes: string): Promise<string>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** @default true */
  readonly withToken?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export const token = 'drv_0123456789abcdef';
/** Whose token `token` is. */
export const owner: Owner = { tenantId: 'ten_1' as TenantId, userId: 'usr_1' as UserId };
export const otherToken = 'drv_fedcba9876543210';
const otherOwner: Owner = { tenantId: 'ten_2' as TenantId, userId: 'usr_2' as UserId };
const owners = new Map([
  [`Bearer ${token}`, owner],
  [`Bearer ${otherToken}`, otherOwner],
]);

export interface ApiUnderTestOptions {
  readonly supervisor?: Partial<HttpDependencies['supervisor']>;
  readonly clock?: Clock;
  /** Instead of the one that remembers. */
  readonly log?: HttpDependencies['log'];
}

export async function startApi(options: ApiUnderTestOptions = {}): Promise<ApiUnderTest> {
  const { supervisor, clock = systemClock } = options;
  const calls: unknown[][] = [];
  const logged: string[] = [];
  const note = (fields: unknown, message?: unknown) => void logged.push(JSON.stringify([fields, message], withErrors));
  const log = createRememberedLog();
  const server = createHttpServer({
    supervisor: { ...rememberingSupervisor(calls), ...supervisor },
    log: options.log ?? log,
    authenticate: async (header) => owners.get(header ?? '') ?? null,
    logger: { info: note, warn: note, error: note },
    clock,
    config: { host: '127.0.0.1', port: 0 },
  });
  const url = await server.start();
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    log,
    calls,
    logged,
    send: (method, path, options) => send(port, method, path, options),
    sendRaw: (bytes) => sendRaw(port, bytes),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** A log in memory, of one session. */
export interface RememberedLog extends Pick<
  EventLog,
  'generation' | 'read' | 'readUpTo' | 'lastSeq' | 'prunedSeq' | 'subscribe' | 'subscribeInTurns' | 'watch'
> {
  append(...events: Record<string, unknown>[]): void;
  /** The events up to this one are gone. */
  prune(upTo: number): void;
  /** How many subscriptions are open, and how many events they have handed out. */
  readonly open: Set<AbortSignal>;
  taken: number;
}

function createRememberedLog(): RememberedLog {
  const events: LoggedEvent[] = [];
  let pruned = 0;
  let grown = Promise.withResolvers<undefined>();
  return {
    generation: 3,
    open: new Set(),
    taken: 0,
    append(...added) {
      for (const event of added) {
        const seq = events.length + 1;
        events.push({ seq, prev: seq - 1, json: JSON.stringify({ seq, prev: seq - 1, ...event }) });
      }
      grown.resolve(undefined);
      grown = Promise.withResolvers();
    },
    read: async (_, afterSeq, limit) => events.slice(Math.max(pruned, afterSeq)).slice(0, limit),
    readUpTo: async (_, lastSeq, limit) => events.slice(Math.max(pruned, lastSeq - limit), lastSeq),
    lastSeq: async () => events.length,
    prunedSeq: async () => pruned,
    prune: (upTo) => {
      pruned = upTo;
    },
    subscribeInTurns(id, afterSeq, signal) {
      return this.subscribe(id, afterSeq, signal);
    },
    watch: () => undefined,
    async *subscribe(_, afterSeq, signal) {
      this.open.add(signal);
      const left = Promise.withResolvers<undefined>();
      signal.addEventListener('abort', () => left.resolve(undefined), { once: true });
      try {
        for (let seq = afterSeq; !signal.aborted;) {
          const batch = events.slice(seq, seq + 10);
          seq += batch.length;
          this.taken += batch.length;
          if (batch.length > 0) yield new EventBatch(batch);
          else await Promise.race([grown.promise, left.promise]);
        }
      } finally {
        this.open.delete(signal);
      }
    },
  };
}

async function send(port: number, method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const { headers = {}, body, withToken = true } = options;
  const request: RequestOptions = {
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: { ...(withToken ? { authorization: `Bearer ${token}` } : {}), ...headers },
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(request, resolve).once('error', reject).end(body);
  });
  const answer = await text(response);
  const isJson = response.headers['content-type']?.includes('json') === true && method !== 'HEAD';
  const json = (isJson ? JSON.parse(answer) : {}) as Record<string, unknown>;
  return { status: response.statusCode ?? 0, headers: response.headers, text: answer, json };
}

async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message } : value;
}
