import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../kernel/logger.ts';
import type { Api } from './api.ts';
import { hasTokenInUrl } from './door/token-in-url.ts';
import { pathOf } from './error-handling.ts';

/** One line for each answer: never a header, never a query, never a token that somebody put into a path. */
export function installAccessLog(app: Api, logger: Pick<Logger, 'info'>): void {
  app.addHook('onResponse', async (request, reply) => logAnswer(request, reply, logger));
}

export function logAnswer(request: FastifyRequest, reply: FastifyReply, logger: Pick<Logger, 'info'>): void {
  const path = hasTokenInUrl(request.url) ? '(withheld: it holds a token)' : pathOf(request.url);
  logger.info(
    {
      request: request.id,
      method: request.method,
      path,
      status: reply.raw.statusCode,
      durationMs: Math.round(reply.elapsedTime),
    },
    'request',
  );
}
