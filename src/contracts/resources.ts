import { z } from 'zod';
import { AnswerSource } from './drover-events.ts';
import { Usage } from './usage.ts';
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

/** How many characters of its prompt a run shows in a list. */
export const summaryPromptLength = 200;

/** A run as it stands in a list, which must stay small whatever was asked and answered. */
export const RunSummary = Run.omit({ answer: true, answerSource: true })
  .extend({
    prompt: z
      .string()
      .describe(
        `The first ${summaryPromptLength} characters; the whole prompt and the answer are in \`GET /v1/runs/:id\``,
      ),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

export const CreateSession = z
  .strictObject({
    profile: z.string().min(1).max(100),
    workspace: z.strictObject({ path: z.string().min(1).max(4096) }),
  })
  .meta({ id: 'CreateSession' });
export type CreateSession = z.infer<typeof CreateSession>;

/** In UTF-8, which is what an agent gets. */
export const promptLimitBytes = 1024 * 1024;

/** For people. */
export const promptLimit = `1 MB (${promptLimitBytes} bytes)`;

const Prompt = z
  .string()
  .refine((prompt) => prompt.trim() !== '', { error: 'Expected a prompt that is not blank' })
  .refine((prompt) => sizeOf(prompt) <= promptLimitBytes, {
    error: ({ input }) => `Expected ${promptLimit} of UTF-8 at most, found ${sizeOf(input as string)} bytes`,
  })
  .describe(`Not blank; ${promptLimit} of UTF-8 at most`);

export const CreateRun = z.strictObject({ prompt: Prompt }).meta({ id: 'CreateRun' });
export type CreateRun = z.infer<typeof CreateRun>;

/**
 * Why a reader cannot go on from its cursor. `generation`: delivered events may have been lost since; `future`: there is no such place
 * yet; `pruned`: events beyond it have gone because of their age.
 */
export const ResetReason = z.enum(['generation', 'future', 'pruned']);
export type ResetReason = z.infer<typeof ResetReason>;

export const EventPage = z
  .object({
    events: z.array(Event),
    cursor: z
      .string()
      .describe('The place behind these events: pass it as `after` for what comes next, also to a stream'),
    hasMore: z.boolean().describe('Whether there is something beyond `cursor` now'),
    start: z
      .string()
      .optional()
      .describe('With `before`: the place in front of these events; pass it as `before` for what came earlier'),
    hasEarlier: z.boolean().optional().describe('With `before`: whether something in front of `start` is still kept'),
    reset: z
      .object({ reason: ResetReason })
      .optional()
      .describe(
        'Present where the cursor could not be continued: forget what you had. This page holds the first events that are left; ' +
          'with `before`, the newest',
      ),
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

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
