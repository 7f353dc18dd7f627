import type { ErrorCode } from '../contracts/errors.ts';
import { Problem } from '../contracts/resources.ts';

/** A refusal by the server, or, with the code `server_unreachable`, by nobody. The message says what to do. */
export class ProblemError extends Error {
  /** One of docs/errors.md; a newer server may have more. */
  readonly code: ErrorCode | (string & {});
  readonly status: number;
  readonly detail: string;
  /** The whole RFC 9457 problem, with members that only some codes have. */
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = 'ProblemError';
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.problem = problem;
  }
}

/** Reads the problem of an answer that is not a success. */
export async function toProblemError(response: Response): Promise<ProblemError> {
  const text = await response.text();
  return new ProblemError(parseProblem(text) ?? unknownProblem(response));
}

export function unreachable(url: string, cause?: unknown): ProblemError {
  return new ProblemError(
    {
      type: 'urn:drover:problem:server_unreachable',
      title: 'The server did not answer',
      status: 502,
      code: 'server_unreachable',
      detail: `No Drover server answers at ${url}; start one with "drover serve"`,
    },
    { cause },
  );
}

function parseProblem(text: string): Problem | null {
  try {
    return Problem.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** What answers is no Drover server, or something stands in between. */
function unknownProblem({ status, url }: Response): Problem {
  const detail = `${url} answered with status ${status}, which is no answer of a Drover server`;
  return { type: 'about:blank', title: 'Unexpected answer', status, code: 'internal', detail };
}
