import type { FastifyReply, FastifyRequest } from 'fastify';
import { logAnswer } from './access-log.ts';
import type { HttpDependencies } from './api.ts';
import { admit, securityHeaders } from './door/door.ts';
import { answerError } from './error-handling.ts';

/** Answers a request whose path the router cannot read. No hook runs for it, so the door and the access log are asked here. */
export async function answerUnroutable(
  error: Error,
  request: FastifyRequest,
  reply: FastifyReply,
  { authenticate, logger }: Pick<HttpDependencies, 'authenticate' | 'logger'>,
): Promise<void> {
  reply.raw.once('close', () => logAnswer(request, reply, logger));
  reply.headers(securityHeaders);
  const refusal = await admit(request, authenticate).then(
    () => error,
    (refused: unknown) => refused,
  );
  answerError(refusal, request, reply, logger);
}
