import type { z } from 'zod';
import { ProblemError, toProblemError, unreachable } from './problem-error.ts';

export interface Connection {
  /** Where the server listens, such as `http://127.0.0.1:4870`. */
  readonly url: string;
  /** The bearer token. */
  readonly token: string;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request; rejects with ProblemError where the answer is not a success, or where there is none. */
export async function send(connection: Connection, path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', headers = {}, body, signal } = options;
  const url = urlOf(connection, path, options.query);
  const request: RequestInit = {
    method,
    headers: {
      authorization: `Bearer ${connection.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    // A redirect would carry the token somewhere else.
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
  const response = await (connection.fetch ?? fetch)(url, request).catch((error: unknown) => {
    throw signal?.aborted === true ? error : unreachable(connection.url, error);
  });
  if (!response.ok) throw await toProblemError(response);
  return response;
}

/** Sends one request and parses its answer. */
export async function ask<Schema extends z.ZodType>(
  connection: Connection,
  answer: Schema,
  path: string,
  options: RequestOptions = {},
): Promise<{ body: z.infer<Schema>; status: number; headers: Headers }> {
  const response = await send(connection, path, options);
  const text = await response.text().catch((error: unknown) => {
    throw options.signal?.aborted === true ? error : unreachable(connection.url, error);
  });
  const { data, error } = answer.safeParse(parseJson(text));
  if (error !== undefined) throw misunderstood(path, response.status, error);
  return { body: data, status: response.status, headers: response.headers };
}

function urlOf({ url }: Connection, path: string, query: RequestOptions['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${url.replace(/\/+$/, '')}${path}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function misunderstood(path: string, status: number, cause: Error): ProblemError {
  const detail = `The answer to ${path} is not what this client expects; do client and server have the same version?`;
  return new ProblemError(
    { type: 'about:blank', title: 'Unexpected answer', status, code: 'internal', detail },
    { cause },
  );
}
