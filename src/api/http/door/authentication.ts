import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.ts';
import type { Owner } from '../../../store/rows.ts';

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

/** Throws AppError `unauthenticated`. */
export async function identify(request: FastifyRequest, authenticate: Authenticate): Promise<Owner> {
  const owner = await authenticate(request.headers.authorization);
  if (owner !== null) return owner;
  throw new AppError(
    'unauthenticated',
    request.headers.authorization === undefined
      ? 'The request has no Authorization header; send "Authorization: Bearer <token>" with the token from the data directory'
      : 'The token in the Authorization header is not valid; "Bearer <token>" with the token from the data directory is expected',
  );
}

export function ownerOf({ owner }: FastifyRequest): Owner {
  if (owner === null) throw new Error('A public route asked for its owner');
  return owner;
}
