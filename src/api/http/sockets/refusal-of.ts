import { AppError } from '../../../kernel/app-error.ts';
import type { Logger } from '../../../kernel/logger.ts';
import { toRefusal } from '../problem.ts';

/** What is answered to a frame that led to this; a bug is logged under the request that became the socket. */
export function refusalOf(error: unknown, logger: Pick<Logger, 'error'>, request: string): AppError {
  const refusal = toRefusal(error);
  if (refusal !== null) return refusal;
  logger.error({ err: error, request }, 'a frame met a bug');
  return new AppError('internal', `Nothing is wrong with the frame; the server's log has more under "${request}"`);
}
