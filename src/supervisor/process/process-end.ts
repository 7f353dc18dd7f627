import type { Conclusion, Driver, LastWords } from '../../agents/driver.ts';
import type { FailureReason } from '../../contracts/failure-reason.ts';
import type { ProcessId } from '../../contracts/ids.ts';
import { readExitRecord } from '../../holder/exit-record.ts';
import type { Identity } from '../../holder/identity.ts';
import { isAlive, readIdentity } from '../../holder/identity.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import { sealLogs } from '../../holder/seal.ts';
import { killTree } from '../../holder/sweep.ts';
import type { Parts } from '../parts.ts';
import { processCgroup } from './process-place.ts';

/** How a process ended, as far as it can be proven. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly left: number;
  /** Somebody had asked for a stop of the whole tree. */
  readonly wasStopped: boolean;
  /** It was idle, and no server was there to end it. */
  readonly wasExpired: boolean;
  /** It was stopped for having printed more than this many bytes. */
  readonly outputLimit: number | null;
  /** The holder is gone and left no exit record. */
  readonly isHolderLost: boolean;
  /** The agent was never executed. */
  readonly startFailure: { readonly errno: string; readonly stage: string } | null;
}

export const unknownEnd: ProcessEnd = {
  code: null,
  signal: null,
  left: 0,
  wasStopped: false,
  wasExpired: false,
  outputLimit: null,
  isHolderLost: false,
  startFailure: null,
};

/**
 * The end of a process, or null while its holder lives; one that was never seen to start may yet begin. `known` is its identity where
 * that has been read before.
 */
export function findEnd(files: ProcessFiles, wasStarted: boolean, known: Identity | null): ProcessEnd | null {
  const recorded = recordedEnd(files);
  if (recorded !== null) return recorded;
  const identity = known ?? readIdentity(files.directory);
  if (identity === null ? !wasStarted : isAlive(identity.holder, identity.boot)) return null;
  // The record may have been written between the two looks.
  return recordedEnd(files) ?? { ...unknownEnd, isHolderLost: true };
}

function recordedEnd(files: ProcessFiles): ProcessEnd | null {
  const record = readExitRecord(files.directory);
  if (record === null) return null;
  if ('error' in record) return { ...unknownEnd, startFailure: { errno: record.error, stage: record.stage } };
  const { code, signal, left, stopped, expired } = record;
  return { ...unknownEnd, code, signal, left, wasStopped: stopped, wasExpired: expired };
}

/** Nobody holds the tree any more: all that carries its cookie or is in its cgroup is killed, and its logs are made ordinary files. */
export async function sweepLostTree(
  parts: Pick<Parts, 'cgroupRoot' | 'holderBinary' | 'logger'>,
  id: ProcessId,
  files: ProcessFiles,
): Promise<void> {
  // The cgroup is where the holder made it; this server may have been started in another place.
  const cgroup = readIdentity(files.directory)?.cgroup ?? processCgroup(parts.cgroupRoot, id);
  const killed = await killTree(id, { cgroup });
  parts.logger.warn({ processId: id, killed }, 'A holder was lost; its tree is swept');
  // Logs that cannot be unlocked are still read; only removing them will need another try.
  await sealLogs(parts.holderBinary, files.directory).catch((error: unknown) =>
    parts.logger.warn({ err: error, processId: id }, 'Could not seal the logs of a lost holder'),
  );
}

/** What a turn that was still open comes to. */
export function concludeEnd(end: ProcessEnd, driver: Driver, state: unknown): LastWords {
  if (end.startFailure !== null) return startFailed(end.startFailure);
  if (end.outputLimit !== null) return tooMuchOutput(end.outputLimit);
  if (end.wasExpired)
    return failed('agent_crashed', 'Its process had been idle for too long and was being ended; run the prompt again');
  // While a turn is open nobody but its user asks for a stop; the asking itself may not have been recorded.
  if (end.wasStopped) return { ...failed('agent_crashed', 'Stopped on request'), outcome: 'stopped', reason: null };
  if (end.isHolderLost) {
    return failed('holder_lost', 'The process that held the agent died, so the agent was ended; run the prompt again');
  }
  return driver.conclude(state, { code: end.code, signal: end.signal });
}

function startFailed({ errno, stage }: { errno: string; stage: string }): Conclusion {
  if (stage === 'chdir')
    return failed('workspace_failed', `The workspace cannot be entered (${errno}); check that it exists`);
  if (stage === 'locate' || (stage === 'exec' && errno === 'ENOENT')) {
    return failed(
      'agent_not_found',
      `The program of the agent is not there (${errno}); "drover profiles" says how to install it`,
    );
  }
  return failed('spawn_failed', `The agent could not be started (${stage}: ${errno})`);
}

function tooMuchOutput(limit: number): Conclusion {
  return failed(
    'output_limit',
    `The agent printed more than ${limit} bytes and was stopped; if it may, raise "maxOutputBytes" in the configuration`,
  );
}

export function failed(reason: FailureReason, message: string): Conclusion & { readonly outcome: 'failed' } {
  return { outcome: 'failed', reason, message, answer: '', answerSource: 'none' };
}
