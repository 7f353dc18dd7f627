import { z } from 'zod';
import { Event, eventData, type EventType } from './events.ts';
import { AnswerPermission, Permission } from './permission.ts';
import { Problem, ResetReason, RunSummary } from './resources.ts';

/** Where the WebSocket is. */
export const socketPath = '/v1/ws';

/** The protocol of this file, as it is offered and chosen in `Sec-WebSocket-Protocol`. */
export const socketProtocol = 'drover.v1';

/** In front of a token that is offered as if it were a protocol: a browser can send no other header with a WebSocket. */
export const tokenProtocolPrefix = 'drover.token.';

/** Why the server closes a socket. Those below 4000 are of RFC 6455; docs/websocket.md says what to do about each. */
export const closeCodes = {
  done: 1000,
  stopping: 1001,
  tooBig: 1009,
  internal: 1011,
  notOfTheProtocol: 4400,
  tooSlow: 4408,
  tooManySubscriptions: 4429,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** How many sessions one socket may follow at the same time. */
export const maxSubscriptions = 1_000;

/** Chosen by the client, and echoed in the reply. */
const FrameId = z.string().max(100);

/** Anything, so that an id which is none is refused like one of nothing, and the socket stays. */
const AnyId = z.string().max(100);

const clientFrames = {
  subscribe: z.strictObject({
    type: z.literal('subscribe'),
    id: FrameId.optional(),
    sessionId: AnyId,
    /** A cursor: only the events beyond it; from the beginning where it is absent. */
    after: z.string().max(100).optional(),
  }),
  unsubscribe: z.strictObject({ type: z.literal('unsubscribe'), id: FrameId.optional(), sessionId: AnyId }),
  watch: z.strictObject({ type: z.literal('watch'), id: FrameId.optional() }),
  unwatch: z.strictObject({ type: z.literal('unwatch'), id: FrameId.optional() }),
  answer: z.strictObject({
    type: z.literal('answer'),
    id: FrameId.optional(),
    permissionId: AnyId,
    answer: AnswerPermission,
  }),
  ping: z.strictObject({ type: z.literal('ping'), id: FrameId.optional() }),
};

/** What a client may send. */
export const ClientFrame = z.discriminatedUnion('type', [
  clientFrames.subscribe,
  clientFrames.unsubscribe,
  clientFrames.watch,
  clientFrames.unwatch,
  clientFrames.answer,
  clientFrames.ping,
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
export type ClientFrameOf<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>;

const id = FrameId.optional();
/** The place behind what the reader has now. */
const cursor = z.string();
const sessionId = z.string();

/** What a server sends; a later one may send more. */
export const ServerFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribed'), id, sessionId, cursor }),
  z.object({ type: z.literal('reset'), sessionId, reason: ResetReason, cursor }),
  z.object({ type: z.literal('events'), sessionId, cursor, events: z.array(Event) }),
  z.object({ type: z.literal('unsubscribed'), id, sessionId }),
  z.object({ type: z.literal('watching'), id, runs: z.array(RunSummary) }),
  z.object({ type: z.literal('lifecycle'), event: Event }),
  z.object({ type: z.literal('unwatched'), id }),
  z.object({ type: z.literal('answered'), id, permission: Permission }),
  z.object({ type: z.literal('pong'), id }),
  z.object({ type: z.literal('error'), id, problem: Problem }),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;

/** The types of events that tell of the lives of sessions, runs and processes, and of what somebody has to do something about. */
export const lifecycleTypes: ReadonlySet<string> = new Set(
  (Object.keys(eventData) as EventType[]).filter((type) =>
    /^(?:(?:session|run|attempt|process|permission)\.|auth\.required$|rate_limit\.reported$)/.test(type),
  ),
);
