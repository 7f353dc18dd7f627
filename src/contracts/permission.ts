import { z } from 'zod';
import { PermissionId, RunId, SessionId } from './ids.ts';

export const PermissionDecision = z.enum(['allow', 'deny']);
export type PermissionDecision = z.infer<typeof PermissionDecision>;

/** `agent`: it took its question back, or is gone. */
export const PermissionResolver = z.enum(['policy', 'user', 'deadline', 'agent']);
export type PermissionResolver = z.infer<typeof PermissionResolver>;

/** A question from the agent that somebody is asked to answer, and what became of it. */
export const Permission = z
  .object({
    id: PermissionId,
    sessionId: SessionId,
    runId: RunId,
    toolCallId: z.string().nullable(),
    /** One line for people: what the agent wants to do. */
    title: z.string(),
    tool: z.string(),
    /** The shell command, where the tool runs one. */
    command: z.string().nullable(),
    /** Absolute paths that the tool would touch, as far as they are known. */
    paths: z.array(z.string()),
    rawInput: z.unknown(),
    requestedAt: z.iso.datetime(),
    /** When the default is given; later where the run was paused meanwhile. */
    deadlineAt: z.iso.datetime(),
    /** What is answered at the deadline. */
    otherwise: PermissionDecision,
    decision: PermissionDecision.nullable(),
    by: PermissionResolver.nullable(),
    resolvedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Permission' });
export type Permission = z.infer<typeof Permission>;

/** A permission as it stands in a list: without its input, which may be large. */
export const PermissionSummary = Permission.omit({ rawInput: true }).meta({ id: 'PermissionSummary' });
export type PermissionSummary = z.infer<typeof PermissionSummary>;

export const AnswerPermission = z
  .strictObject({
    decision: PermissionDecision,
    /** With `allow`: what the tool is run with instead of what the agent asked for. */
    updatedInput: z.record(z.string(), z.unknown()).optional(),
    /** With `deny`: what the agent is told. */
    message: z.string().max(10_000).optional(),
    /** Also decides what is asked later in this session about the same tool with the same command or path. */
    remember: z.boolean().optional(),
  })
  .meta({ id: 'AnswerPermission' });
export type AnswerPermission = z.infer<typeof AnswerPermission>;
