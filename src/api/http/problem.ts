import type { FastifyError, FastifyReply } from 'fastify';
import { errorRegistry, type ErrorCode } from '../../contracts/errors.ts';
import { promptLimit, type Problem } from '../../contracts/resources.ts';
import { AppError } from '../../kernel/app-error.ts';

export const problemType = 'application/problem+json';

/** A refusal as RFC 9457 has it. */
export function toProblem({ code, status, message, extras }: AppError): Problem {
  return {
    ...extras,
    type: `urn:drover:problem:${code}`,
    title: errorRegistry[code].title,
    status,
    detail: message,
    code,
  };
}

/** `status` differs from that of the error only where HTTP has a finer one. */
export function sendProblem(reply: FastifyReply, error: AppError, status: number = error.status): FastifyReply {
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type(problemType)
    .serializer(JSON.stringify)
    .send({ ...toProblem(error), status });
}

/** What was thrown, as a refusal; null where it is a bug, of which a client is told nothing. */
export function toRefusal(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (!isFrameworkRefusal(error)) return null;
  const code = codeByStatus[error.statusCode] ?? 'invalid_request';
  return new AppError(code, details[error.code] ?? error.message);
}

/** What Fastify itself refuses, such as a body that is no JSON, has a 4xx status and a code of its own. */
function isFrameworkRefusal(error: unknown): error is FastifyError & { statusCode: number } {
  const { code, statusCode } = error as Partial<FastifyError>;
  return code?.startsWith('FST_ERR_') === true && statusCode !== undefined && statusCode >= 400 && statusCode < 500;
}

const codeByStatus: Readonly<Record<number, ErrorCode>> = {
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
};

/** Enough for a prompt of the largest size in JSON's longest spelling (`\u0000`). */
export const bodyLimitBytes = 10 * 1024 * 1024;

const details: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: `A request body may have ${bodyLimitBytes} bytes at most, and a prompt in it ${promptLimit}`,
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; a JSON object is expected, such as {}',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body does not have the length that Content-Length says',
  // Their own sentences quote the URL.
  FST_ERR_BAD_URL: 'The path is not valid: each "%" in it must begin an escape such as "%20"',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long to be an id',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the body as JSON, with "Content-Type: application/json"',
};
