import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Config } from '../../config/config.ts';
import type { ProcessId } from '../../contracts/ids.ts';
import { readIdentity } from '../../holder/identity.ts';
import { processFiles } from '../../holder/process-directory.ts';
import { readLogRange } from '../../holder/read-log-range.ts';
import type { LogRange } from '../../holder/read-log-range.ts';
import { DamagedFrame } from '../../holder/sealed-frame.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { RunRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';
import { processDirectory } from '../process/process-place.ts';
import type { RawLog, RawLogQuery } from '../supervisor.ts';

/** What the agent wrote in one of the run's attempts, wherever it is kept now. */
export async function findRawLog(
  parts: Pick<Parts, 'store' | 'config' | 'logger'>,
  run: RunRow,
  query: RawLogQuery,
): Promise<RawLog> {
  const { path, sealedPath } = await findRunLog(parts, run, query);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  return { size, open: (first, last) => openRange({ path, sealedPath, first, last }, parts) };
}

/** Where the log of one of a run's attempts is. */
export interface RunLog extends Pick<LogRange, 'path' | 'sealedPath'> {
  readonly processId: ProcessId;
  /** Of its process. */
  readonly directory: string;
}

/** Throws AppError `not_found`, `no_longer_kept`, `newer_layout`. */
export async function findRunLog(
  parts: Pick<Parts, 'store' | 'config'>,
  run: RunRow,
  { stream, attempt: number }: RawLogQuery,
): Promise<RunLog> {
  const attempts = await parts.store.attempts(run.id);
  const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
  if (attempt === undefined) {
    const which = number === undefined ? 'has no attempt yet' : `has no attempt ${number}`;
    throw new AppError('not_found', `The run "${run.id}" ${which}`);
  }
  const files = processFiles(processDirectory(parts.config.dataDir, attempt.processId));
  // Whoever does not know how a log is kept would take a hole for what the agent wrote.
  readIdentity(files.directory);
  const log = stream === 'stdout' ? 'out' : 'err';
  const { processId } = attempt;
  await refuseRemoved(parts, files.directory, processId);
  return { processId, directory: files.directory, path: files[log], sealedPath: files[`${log}Sealed`] };
}

/** A process that has ended and has no directory any more had one, until retention removed it. */
async function refuseRemoved(
  { store, config }: Pick<Parts, 'store' | 'config'>,
  directory: string,
  id: ProcessId,
): Promise<void> {
  if (!existsSync(directory) && (await store.process(id))?.state === 'exited') throw noLongerKept(config);
}

function noLongerKept({ retention: { rawLogDays } }: Pick<Config, 'retention'>): AppError {
  const rule = rawLogDays === null ? '' : `: raw logs are kept for ${rawLogDays} days ("retention.rawLogDays")`;
  return new AppError('no_longer_kept', `What the agent wrote is no longer kept${rule}; its events may still be there`);
}

/** The beginning is read before the answer begins, so that a log that is gone or damaged can still be said to be so. */
async function openRange(range: LogRange, { logger, config }: Pick<Parts, 'logger' | 'config'>): Promise<Readable> {
  const report = (error: unknown): void => logger.error({ err: error, path: range.path }, 'A log cannot be read');
  const log = await open(range.path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw noLongerKept(config);
  });
  const chunks = readLogRange(log, range);
  const beginning = await chunks.next().catch((error: unknown) => {
    // Its directory goes just now, file by file.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noLongerKept(config);
    if (!(error instanceof DamagedFrame)) throw error;
    report(error);
    throw new AppError('log_damaged', error.message, {}, { cause: error });
  });
  const stream = Readable.from(
    (async function* () {
      if (beginning.done !== true) yield beginning.value;
      yield* chunks;
    })(),
  );
  // Also where nobody has read of it.
  stream.once('close', () => void chunks.return());
  stream.once('error', report);
  return stream;
}
