import { z } from 'zod';
import { agentEventData } from './agent-events.ts';
import { droverEventData } from './drover-events.ts';
import { AttemptId, ProcessId, RunId, SessionId } from './ids.ts';

/** The data of every type of event; docs/events.md lists them (a test compares the two). */
export const eventData = { ...agentEventData, ...droverEventData } as const;

export type EventType = keyof typeof eventData;
export type EventData<Type extends EventType> = z.infer<(typeof eventData)[Type]>;

/** Where in a process's log the event was read: `length` bytes from `offset` of that stream. */
export const RawPointer = z.object({
  process: ProcessId,
  stream: z.enum(['stdout', 'stderr']),
  offset: z.number().int(),
  length: z.number().int(),
});
export type RawPointer = z.infer<typeof RawPointer>;

const envelope = {
  /** 1, 2, 3 … within the session; the order of events. */
  seq: z.number().int().positive(),
  /** The `seq` stored before this one (0: none). A reader has lost something only if `prev` is beyond its cursor. */
  prev: z.number().int().nonnegative(),
  at: z.iso.datetime(),
  sessionId: SessionId,
  runId: RunId.optional(),
  attemptId: AttemptId.optional(),
  raw: RawPointer.optional(),
};

type EnvelopeOf<Type extends EventType> = z.infer<z.ZodObject<typeof envelope>> & { type: Type; data: EventData<Type> };

/** One fact in a session's log. */
export type Event = { [Type in EventType]: EnvelopeOf<Type> }[EventType];

/** The schema of events as they stand on every transport. */
export const Event = z
  .discriminatedUnion(
    'type',
    Object.entries(eventData).map(([type, data]) => z.object({ ...envelope, type: z.literal(type), data })) as never,
  )
  .meta({ id: 'Event' }) as unknown as z.ZodType<Event>;

/** An event before the log has given it its place: what drivers and the supervisor make. */
export type NewEvent = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType];

/** Types whose events are pieces of a message and go when it is complete. */
export const chunkTypes: ReadonlySet<string> = new Set([
  'user_message_chunk',
  'agent_message_chunk',
  'agent_thought_chunk',
] satisfies EventType[]);
