import type { StdinMessage, Turn } from '../driver.ts';

/** The JSON lines that Claude Code reads; the protocol is the Agent SDK's. */
export const initialize: StdinMessage = {
  key: 'initialize',
  text: line({ type: 'control_request', request_id: 'initialize', request: { subtype: 'initialize', hooks: {} } }),
};

/** A message that is sent during a turn is queued by the agent and becomes a turn of its own. */
export function prompt({ key, prompt: text }: Turn): StdinMessage {
  return { key, text: line({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } }) };
}

/** Ends the turn with a result `error_during_execution`; the process stays usable. */
export function interrupt(turnKey: string): StdinMessage {
  const key = `${turnKey}${interruptSuffix}`;
  return { key, text: line({ type: 'control_request', request_id: key, request: { subtype: 'interrupt' } }) };
}

/** Whether a request of ours, by its id, was an interrupt. */
export function isInterrupt(requestId: string): boolean {
  return requestId.endsWith(interruptSuffix);
}

const interruptSuffix = '-interrupt';

/** Both answers to a `can_use_tool`; allowing sends the input back, because the agent runs the tool with what it is sent. */
export function permissionAnswers(requestId: string, input: unknown): Readonly<Record<'allow' | 'deny', string>> {
  const answer = (response: object) =>
    line({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } });
  return {
    allow: answer({ behavior: 'allow', updatedInput: input }),
    deny: answer({ behavior: 'deny', message: 'The user does not allow this..' }),
  };
}

function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
