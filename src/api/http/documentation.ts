import { z } from 'zod';
import { errorRegistry, type ErrorCode } from '../../contracts/errors.ts';
import { Problem } from '../../contracts/resources.ts';
import { problemType } from './problem.ts';

/** The responses, for the API's description, of a route that may refuse with these codes, beside what every route may say. */
export function refusals(...codes: ErrorCode[]): Record<number, ProblemResponse> {
  const responses: Record<number, ProblemResponse> = {};
  for (const code of [...everywhere, ...codes]) {
    const { status, title } = errorRegistry[code];
    const sentence = `${title} (\`${code}\`)`;
    const known = responses[status]?.description;
    responses[status] = problemResponse(known === undefined ? sentence : `${known} · ${sentence}`);
  }
  return responses;
}

export interface ProblemResponse {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: typeof Problem }>>;
}

export function problemResponse(description: string): ProblemResponse {
  return { description, content: { [problemType]: { schema: Problem } } };
}

/** A body of bytes. */
export function bytesResponse(description: string) {
  return { description, content: { 'application/octet-stream': { schema: z.any() } } };
}

const everywhere: readonly ErrorCode[] = [
  'invalid_request',
  'token_in_url',
  'unauthenticated',
  'origin_refused',
  'host_refused',
  'internal',
  'shutting_down',
];
