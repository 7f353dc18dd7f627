import { z } from 'zod';
import { AnswerSource, Usage } from './drover-events.ts';
import { Event } from './events.ts';
import { FailureReason } from './failure-reason.ts';
import { RunId, SessionId } from './ids.ts';
import { RunState } from './run-state.ts';

/** What a driver can do, as data; all of it defaults to false. */
export const Capabilities = z.object({
  resume: z.boolean(),
  interrupt: z.boolean(),
  permissions: z.boolean(),
  partials: z.boolean(),
  cost: z.boolean(),
});
export type Capabilities = z.infer<typeof Capabilities>;

export const Profile = z
  .object({
    name: z.string(),
    driver: z.string(),
    capabilities: Capabilities,
    /** The agent's program as it would be started; null where it is not installed. */
    command: z.string().nullable(),
    /** What to do where it cannot be started. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

export const Session = z
  .object({
    id: SessionId,
    profile: z.string(),
    workspace: z.object({ path: z.string() }),
    nativeSessionId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    /** The cursor of the newest event. */
    cursor: z.string(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const Run = z
  .object({
    id: RunId,
    sessionId: SessionId,
    profile: z.string(),
    state: RunState,
    /** Since when the run is in this state. */
    since: z.iso.datetime(),
    reason: FailureReason.nullable(),
    message: z.string().nullable(),
    prompt: z.string(),
    answer: z.string().nullable(),
    answerSource: AnswerSource.nullable(),
    usage: Usage,
    attempts: z.number().int(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

export const CreateSession = z
  .strictObject({
    profile: z.string().min(1).max(100),
    workspace: z.strictObject({ path: z.string().min(1).max(4096) }),
  })
  .meta({ id: 'CreateSession' });
export type CreateSession = z.infer<typeof CreateSession>;

export const CreateRun = z.strictObject({ prompt: z.string().min(1).max(8_000_000) }).meta({ id: 'CreateRun' });
export type CreateRun = z.infer<typeof CreateRun>;

export const EventPage = z
  .object({
    events: z.array(Event),
    /** Pass it as `after` for what comes next. */
    cursor: z.string(),
    hasMore: z.boolean(),
    /** Present where the reader's cursor could not be continued: forget what you had, this page starts from the beginning. */
    reset: z.object({ reason: z.enum(['generation', 'future']) }).optional(),
  })
  .meta({ id: 'EventPage' });
export type EventPage = z.infer<typeof EventPage>;

/** RFC 9457. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string().optional(),
  })
  .loose()
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
