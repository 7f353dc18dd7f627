import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request as it arrived, keys and all: the emulator checks no credentials, tests may. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query behind the scenario: `/v1/messages?beta=true`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed where it is JSON, else the text; undefined where it is empty. */
  readonly body: unknown;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Which model request of its scenario this is, from 0; undefined for all others (HEAD, token counts …). */
  readonly index?: number;
}

/** Reads a request to its end. */
export async function recordRequest(incoming: IncomingMessage, path: string): Promise<RecordedRequest> {
  const at = Date.now();
  const body = parsed(await text(incoming));
  return { method: incoming.method ?? 'GET', path, headers: incoming.headers, body, at };
}

function parsed(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
