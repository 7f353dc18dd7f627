import type { Emulator } from '../emulator.ts';

/** Asks a scenario as a client of the Messages API does; for the emulator's own tests. */
export function postMessages(
  emulator: Emulator,
  scenario: string,
  { stream = true, signal }: { readonly stream?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${emulator.baseUrl(scenario)}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-ant-dummy' },
    body: JSON.stringify({ model: 'claude-test', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], stream }),
    ...(signal && { signal }),
  });
}
