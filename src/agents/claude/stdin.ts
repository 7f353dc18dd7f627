import type { Answer, Question, StdinMessage, Turn } from '../driver.ts';

/** The JSON lines that Claude Code reads; the protocol is the Agent SDK's. */
export const initialize: StdinMessage = {
  key: 'initialize',
  text: line({ type: 'control_request', request_id: 'initialize', request: { subtype: 'initialize', hooks: {} } }),
};

/**
 * A message that is sent during a turn is taken up in it before the next request to the model; where there is none, it becomes a turn of
 * its own.
 */
export function prompt({ key, prompt: text }: Turn): StdinMessage {
  return { key, text: line({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } }) };
}

/**
 * Ends the turn at hand, and the subagents that work in the background; the process stays usable. A request that comes between two turns
 * is answered and ends neither. One that comes while the agent is in a turn of its own, before that of the prompt, ends only its own.
 */
export function interrupt(turnKey: string): StdinMessage {
  const key = `${turnKey}${interruptSuffix}`;
  return { key, text: line({ type: 'control_request', request_id: key, request: { subtype: 'interrupt' } }) };
}

/** Whether a request of ours, by its id, was an interrupt. */
export function isInterrupt(requestId: string): boolean {
  return requestId.endsWith(interruptSuffix);
}

const interruptSuffix = '-interrupt';

/**
 * The answer to a `can_use_tool`, once for each question, whoever gives it. Allowing sends the input back, because the agent runs the
 * tool with what it is sent; an answer that comes when the question was taken back is passed over.
 */
export function answer(
  { permissionId, rawInput }: Question,
  { decision, updatedInput, message }: Answer,
): StdinMessage {
  const response =
    decision === 'allow'
      ? { behavior: 'allow', updatedInput: updatedInput ?? rawInput }
      : { behavior: 'deny', message: message === undefined || message === '' ? denial : message };
  return {
    key: `permission-${permissionId}`,
    text: line({ type: 'control_response', response: { subtype: 'success', request_id: permissionId, response } }),
  };
}

/** The answer to a request that is not understood. */
export function refusal(requestId: string, error: string): StdinMessage {
  const response = { subtype: 'error', request_id: requestId, error };
  return { key: `refusal-${requestId}`, text: line({ type: 'control_response', response }) };
}

/** For the model: it goes on without the tool. */
const denial = 'The user does not allow this.';

function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
