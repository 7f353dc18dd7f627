import type { FastifyRequest } from 'fastify';
import { socketPath } from '../../../contracts/socket.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { Owner } from '../../../store/rows.ts';
import type { Api } from '../api.ts';
import { identify, isPublic, type Authenticate } from './authentication.ts';
import { isWebSocketUpgrade, socketRoutes } from '../sockets/upgrades.ts';
import { checkOwnAddress } from './own-address.ts';
import { refuseTokenInUrl } from './token-in-url.ts';

export interface DoorOptions {
  readonly authenticate: Authenticate;
  /** Aborted as soon as the server is told to stop. */
  readonly shutdown: AbortSignal;
}

/** What stands between the network and every route, those that do not exist included; before a byte of a body is read. */
export function installDoor(app: Api, { authenticate, shutdown }: DoorOptions): void {
  app.decorateRequest('owner', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    request.owner = await admit(request, authenticate);
    refuseWebSocket(request);
    if (shutdown.aborted) throw new AppError('shutting_down', 'The server is shutting down; try again when it is back');
  });
}

/** Who may go on; null: anybody, on a public route. Throws AppError for whoever may not. */
export async function admit(request: FastifyRequest, authenticate: Authenticate): Promise<Owner | null> {
  checkOwnAddress(request.raw);
  refuseTokenInUrl(request.raw.url ?? '');
  return isPublic(request) ? null : identify(request, authenticate);
}

/** For every answer. There are no CORS headers: no other origin is to read anything. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function refuseWebSocket({ headers, routeOptions }: FastifyRequest): void {
  if (!isWebSocketUpgrade(headers) || socketRoutes.has(routeOptions.url)) return;
  throw new AppError(
    'invalid_request',
    `There is no WebSocket here, but at ${socketPath}; or follow a session with "Accept: text/event-stream"`,
  );
}
