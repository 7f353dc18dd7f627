import type { Event, NewEvent } from '../contracts/events.ts';
import type { RunId, SessionId } from '../contracts/ids.ts';

// For the tests of transcripts: events of one run of one session, as short as they can be said.

const sessionId = 'ses_0' as SessionId;
export const runId = 'run_0' as RunId;
export const deadlineAt = '2026-11-21T10:05:00.000Z';

export function logged(events: readonly NewEvent[]): Event[] {
  return events.map((event, index) => ({
    ...event,
    seq: index + 1,
    prev: index,
    at: new Date(index).toISOString(),
    sessionId,
    runId,
  }));
}

export function chunk(messageId: string, words: string): NewEvent {
  return { type: 'agent_message_chunk', data: { messageId, content: { type: 'text', text: words } } };
}

export function whole(messageId: string, words: string): NewEvent {
  return { type: 'message.completed', data: { messageId, role: 'agent', content: [{ type: 'text', text: words }] } };
}

export function thought(messageId: string, words: string): NewEvent {
  return { type: 'message.completed', data: { messageId, role: 'thought', content: [{ type: 'text', text: words }] } };
}

export function discarded(messageId: string): NewEvent {
  return { type: 'message.completed', data: { messageId, role: 'agent', content: [], isDiscarded: true } };
}

export function tool(toolCallId: string): NewEvent {
  return { type: 'tool_call', data: { toolCallId, title: `Tool ${toolCallId}`, kind: 'read', status: 'pending' } };
}

export function toolUpdate(toolCallId: string, status: 'in_progress' | 'completed'): NewEvent {
  return { type: 'tool_call_update', data: { toolCallId, status } };
}

export function used(inputTokens: number, outputTokens: number, costUsd: number): NewEvent {
  const cache = { cacheReadTokens: 0, cacheWriteTokens: 0 };
  return {
    type: 'usage.recorded',
    data: { inputTokens, outputTokens, ...cache, costUsd, model: null, messageId: null },
  };
}

export function queued(): NewEvent {
  return { type: 'run.queued', data: { prompt: 'Do it' } };
}

export function asked(permissionId: string): NewEvent {
  return {
    type: 'permission.requested',
    data: { permissionId, toolCallId: 't', title: 'May I?', deadlineAt, otherwise: 'deny' },
  };
}

export function paused(): NewEvent {
  return { type: 'run.paused', data: { evidence: 'nothing runs' } };
}

export function resumed(): NewEvent {
  return { type: 'run.resumed', data: {} };
}

export function steered(prompt: string): NewEvent {
  return { type: 'run.steered', data: { prompt } };
}

export function answered(permissionId: string): NewEvent {
  return { type: 'permission.resolved', data: { permissionId, decision: 'allow', by: 'user' } };
}

export function ended(): NewEvent {
  const outcome = { outcome: 'succeeded', reason: null, message: null } as const;
  return { type: 'run.ended', data: { ...outcome, answer: 'Done', answerSource: 'result' } };
}
