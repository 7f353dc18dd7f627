import { stat } from 'node:fs/promises';
import { processFiles } from '../holder/process-directory.ts';
import { AppError } from '../kernel/app-error.ts';
import type { RunRow } from '../store/rows.ts';
import type { Parts } from './parts.ts';
import { processDirectory } from './process-place.ts';
import type { RawLog, RawLogQuery } from './supervisor.ts';

/** The file that holds what the agent wrote in one of the run's attempts. */
export async function findRawLog(
  parts: Pick<Parts, 'store' | 'config'>,
  run: RunRow,
  { stream, attempt: number }: RawLogQuery,
): Promise<RawLog> {
  const attempts = await parts.store.attempts(run.id);
  const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
  if (attempt === undefined) {
    const which = number === undefined ? 'has no attempt yet' : `has no attempt ${number}`;
    throw new AppError('not_found', `The run "${run.id}" ${which}`);
  }
  const files = processFiles(processDirectory(parts.config.dataDir, attempt.processId));
  const path = stream === 'stdout' ? files.out : files.err;
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  return { path, size };
}
