import { z } from 'zod';
import { AnswerSource } from './drover-events.ts';
import { Usage } from './usage.ts';
import { Event } from './events.ts';
import { FailureReason } from './failure-reason.ts';
import { PermissionId, ProcessId, RunId, SessionId, UserId } from './ids.ts';
import { GivenPolicy, Policy } from './policy.ts';
import { PromptMode, RunState, RunVerb } from './run-state.ts';
import { Workspace } from './workspace.ts';

/** What a driver can do, as data; all of it defaults to false. */
export const Capabilities = z.object({
  resume: z.boolean(),
  interrupt: z.boolean(),
  permissions: z.boolean(),
  partials: z.boolean(),
  cost: z.boolean(),
  /** A prompt can be said into a running turn. */
  steer: z.boolean(),
  /** The process stays after a turn and takes the next one. */
  warm: z.boolean(),
});
export type Capabilities = z.infer<typeof Capabilities>;

export const Profile = z
  .object({
    name: z.string(),
    driver: z.string(),
    capabilities: Capabilities,
    /** What its agents have a terminal for: lines of a protocol, or a screen that one can attach to; null where they have none. */
    terminal: z.enum(['lines', 'screen']).nullable(),
    /** The agent's program as it would be started; null where it is not installed. */
    command: z.string().nullable(),
    /** What to do where it cannot be started. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

/** `warm`: between runs, ready for the next. */
export const SessionProcess = z.object({
  id: ProcessId,
  state: z.enum(['starting', 'working', 'paused', 'warm', 'leaving']),
  since: z.iso.datetime(),
});
export type SessionProcess = z.infer<typeof SessionProcess>;

export const Session = z
  .object({
    id: SessionId,
    profile: z.string(),
    workspace: Workspace,
    nativeSessionId: z.string().nullable(),
    /** Nothing new is started in it until it is resumed. */
    isPaused: z.boolean(),
    /** Its own rules, which come before those of its profile. */
    permissions: Policy.nullable(),
    process: SessionProcess.nullable().describe('The process that the session has now'),
    createdAt: z.iso.datetime(),
    /** The cursor of the newest event. */
    cursor: z.string(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** By which policy the agent's questions are answered. */
export const RunPermissions = z.object({
  /** Nothing that the agent asks for is denied or put to anybody. */
  isAllowAll: z.boolean(),
  /** The rules in the order in which they are tried, for people; where none matches it is denied. */
  rules: z.array(z.string()),
  /** What waits for an answer. */
  pending: z.array(PermissionId),
});
export type RunPermissions = z.infer<typeof RunPermissions>;

/** A run that is going on, as it is seen at this moment. */
export const LiveRun = z.object({
  /** What it does now, in one line. */
  doing: z.string(),
  pid: z.number().int(),
  /** For how long it has written nothing, in milliseconds, but for pauses and waiting for an answer; null: nothing so far. */
  silentMs: z.number().int().nullable(),
  /** For how long it has got no further, in milliseconds, counted alike. */
  sinceProgressMs: z.number().int().nullable(),
  /** Of the whole tree, since its start, in milliseconds. */
  cpuMs: z.number().nullable(),
  /** Of the whole tree, in bytes: resident, where what is shared counts for each. */
  memoryBytes: z.number().nullable(),
  /** How many there are in the tree. */
  processes: z.number().int().nullable(),
});
export type LiveRun = z.infer<typeof LiveRun>;

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
    /** Why the state is held to be this: what was seen, in one line. */
    evidence: z.string(),
    mode: PromptMode.exclude(['steer']),
    /** Its place among the runs of its session that wait: 1 is next; null where it does not wait. */
    queuePosition: z.number().int().nullable(),
    /** A verb that was asked for and has not had its effect yet. */
    requestedVerb: RunVerb.nullable(),
    permissions: RunPermissions,
    live: LiveRun.nullable().describe('What is seen of it now; null where it has no process'),
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
    permissions: RunPermissions.omit({ rules: true }),
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
    workspace: z.strictObject({
      path: z.string().min(1).max(4096),
      isShared: z.boolean().optional().describe('Let others work in the directory at the same time. Default: false'),
    }),
    permissions: GivenPolicy.optional().describe('Rules that come before those of the profile'),
    warm: z.boolean().optional().describe('Start its process at once, so that the first prompt finds it ready'),
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

export const CreateRun = z
  .strictObject({
    prompt: Prompt,
    mode: PromptMode.optional().describe(
      'What to do while another run of the session is going: wait (`queue`, the default), say it into the running turn (`steer`), or ' +
        'interrupt that run and start next (`replace`)',
    ),
    permissions: GivenPolicy.optional().describe('Rules that come before those of the session'),
    ifBusy: z
      .enum(['wait', 'refuse'])
      .optional()
      .describe('Where a process of another session works in the directory: wait for it (the default), or refuse'),
  })
  .meta({ id: 'CreateRun' });
export type CreateRun = z.infer<typeof CreateRun>;

/** What can be changed of a run that still waits. */
export const ChangeRun = z
  .strictObject({
    prompt: Prompt.optional(),
    before: RunId.nullable()
      .optional()
      .describe('Start it before this run of the session that waits, too; null: after all of them'),
  })
  .refine(({ prompt, before }) => prompt !== undefined || before !== undefined, {
    error: 'Expected `prompt` or `before`',
  })
  .meta({ id: 'ChangeRun' });
export type ChangeRun = z.infer<typeof ChangeRun>;

export const ChangeSession = z
  .strictObject({ permissions: GivenPolicy.nullable().describe('Instead of its own rules; null: none') })
  .meta({ id: 'ChangeSession' });
export type ChangeSession = z.infer<typeof ChangeSession>;

export const PauseRun = z
  .strictObject({
    when: z
      .enum(['now', 'finished'])
      .optional()
      .describe(
        '`now` (the default): the whole tree stands still. `finished`: the turn goes on to its end, then nothing new is started in the ' +
          'session until that is resumed',
      ),
  })
  .meta({ id: 'PauseRun' });
export type PauseRun = z.infer<typeof PauseRun>;

/** Who did what, when: kept for those who have to answer for it. */
export const AuditEntry = z
  .object({
    at: z.iso.datetime(),
    /** Who; null: a policy, a deadline, the agent. */
    userId: UserId.nullable(),
    action: z.string(),
    sessionId: SessionId,
    runId: RunId.nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

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
