import type { Ask } from '../model-api.ts';
import type { RecordedRequest } from '../recorded-request.ts';

/** `POST /v1/messages` takes a reply, `POST /v1/messages/count_tokens` a rough number. */
export function recognise({ method, path, body }: RecordedRequest): Ask | undefined {
  if (method !== 'POST') return undefined;
  const [route] = path.split('?', 1);
  if (route === '/v1/messages') return { kind: 'model', stream: asksForStream(body) };
  if (route === '/v1/messages/count_tokens') return { kind: 'fixed', body: { input_tokens: roughTokens(body) } };
  return undefined;
}

function asksForStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
}

/** Four characters to a token: nobody bills this. */
function roughTokens(body: unknown): number {
  return Math.ceil(((JSON.stringify(body) as string | undefined) ?? '').length / 4);
}
