import type { ErrorCode } from '../contracts/errors.ts';
import { errorRegistry } from '../contracts/errors.ts';

/**
 * A refusal: something that a caller did or met and can do something about. The detail says what was found, quotes the value and
 * names the way out. Bugs are plain errors; what becomes of an agent is an outcome, not an error.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Members that a program may want to read, beside the sentence for people. */
  readonly extras: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, extras: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'AppError';
    this.code = code;
    this.status = errorRegistry[code].status;
    this.extras = extras;
  }
}
