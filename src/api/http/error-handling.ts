import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Api, HttpDependencies } from './api.ts';
import { drainBody } from './drain-body.ts';
import { sendProblem, toRefusal } from './problem.ts';

/** Answers everything that is thrown, and every path that leads nowhere, with a problem. */
export function installErrorHandling(app: Api, { logger, clock }: Pick<HttpDependencies, 'logger' | 'clock'>): void {
  app.setErrorHandler(async (error, request, reply) => {
    if (toRefusal(error)?.code === 'payload_too_large') await drainBody(request.raw, clock);
    return answerError(error, request, reply, logger);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    return sendProblem(
      reply,
      new AppError('not_found', `There is no route ${request.method} ${path}; GET /v1/openapi.json lists all`),
    );
  });
}

export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Pick<Logger, 'warn' | 'error'>,
): FastifyReply {
  const refusal = toRefusal(error);
  if (refusal === null) {
    logger.error({ err: error, request: request.id }, 'a request met a bug');
    const detail = `Nothing is wrong with the request; the server's log has more under "${request.id}"`;
    return sendProblem(reply, new AppError('internal', detail));
  }
  if (refusal.status >= 500) logger.warn({ err: refusal, request: request.id }, 'a request could not be served');
  return sendProblem(reply, refusal);
}

/** The path alone: a query may hold what is nobody else's business. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
