import type { EventData } from '../../contracts/events.ts';
import type { ProcessId } from '../../contracts/ids.ts';
import type { RunRow } from '../../store/rows.ts';
import type { Write } from '../../store/store.ts';
import type { ProcessEnd } from './process-end.ts';

type Cause = EventData<'process.exited'>['cause'];

/** Why a process without a turn was told to leave: it had been idle for long enough, or hung after its result. */
export type Farewell = 'idle' | 'hang';

/** Why a process has ended, as far as it can be proven. */
export function causeOf(end: ProcessEnd, run: RunRow | null, farewell: Farewell | null): Cause {
  if (end.startFailure !== null) return 'not_started';
  if (end.isHolderLost) return 'holder_lost';
  if (end.outputLimit !== null || (run !== null && run.endedFor !== null)) return 'limit';
  if (run?.requestedVerb === 'stop') return 'stop';
  if (farewell !== null || end.wasExpired) return farewell ?? 'idle';
  return end.wasStopped ? 'stop' : 'agent';
}

/** What is recorded when nothing of a process is left. */
export function exitOf(
  processId: ProcessId,
  { code, signal, left, isHolderLost }: ProcessEnd,
  cause: Cause,
  at: string,
): { readonly data: EventData<'process.exited'>; readonly write: Write } {
  const patch = { state: 'exited', exitCode: code, exitSignal: signal, exitedAt: at } as const;
  return {
    data: { processId, code, signal, left, isHolderLost, cause },
    write: { table: 'processes', id: processId, patch },
  };
}
