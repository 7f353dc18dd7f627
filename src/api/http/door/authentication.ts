import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.ts';
import type { Owner } from '../../../store/rows.ts';
import { offeredTokens } from '../sockets/protocols.ts';
import { socketRoutes } from '../sockets/upgrades.ts';
import { headersOf } from './headers-of.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null only on public routes. */
    owner: Owner | null;
  }
}

/** Finds out whose token an Authorization header carries; null where it carries none that is valid. */
export type Authenticate = (authorizationHeader: string | undefined) => Promise<Owner | null>;

/** The only routes that answer without a token. */
export const publicRoutes: ReadonlySet<string> = new Set(['GET /v1/health']);

export function isPublic(request: FastifyRequest): boolean {
  return publicRoutes.has(`${request.method} ${request.routeOptions.url}`);
}

/** Throws AppError `unauthenticated`, or `invalid_request` where there is more than one header that might say who asks. */
export async function identify(request: FastifyRequest, authenticate: Authenticate): Promise<Owner> {
  const header = authorizationOf(request);
  const owner = await authenticate(header);
  if (owner !== null) return owner;
  throw new AppError(
    'unauthenticated',
    header === undefined
      ? `The request has no Authorization header; send "Authorization: Bearer <token>" with ${theToken}`
      : `The token in the Authorization header is not valid; send "Bearer <token>" with ${theToken}`,
  );
}

/** The Authorization header; of a WebSocket, what a browser offers in its place. */
function authorizationOf(request: FastifyRequest): string | undefined {
  const headers = headersOf(request.raw, 'authorization');
  if (headers.length > 1)
    throw new AppError('invalid_request', `Expected one Authorization header, found ${headers.length}`);
  const tokens = socketRoutes.has(request.routeOptions.url) ? offeredTokens(request.raw) : [];
  const found = [...headers, ...tokens.map((token) => `Bearer ${token}`)];
  if (found.length > 1) throw new AppError('invalid_request', `Expected one token, found ${found.length}`);
  return found[0];
}

const theToken = 'the token that stands in the file "token" of the server\'s data directory';

export function ownerOf({ owner }: FastifyRequest): Owner {
  if (owner === null) throw new Error('A public route asked for its owner');
  return owner;
}
