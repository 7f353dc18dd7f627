import type { DroverClient } from '../client/client.ts';
import { ProblemError } from '../client/client.ts';
import type { Event } from '../contracts/events.ts';
import type { Run } from '../contracts/resources.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

export interface FollowRunOptions {
  readonly client: DroverClient;
  readonly run: Run;
  /** A cursor before the run's first event. */
  readonly after: string;
  readonly io: Pick<Io, 'onSignal'>;
  readonly show: (event: Event) => void;
  /** Tells the user something that is no event. */
  readonly remark: (text: string) => void;
}

/**
 * Shows a run's events until it has ended, and resolves with the exit code. Ctrl-C interrupts it, the second one stops it, the third
 * leaves it alone.
 */
export async function followRun({ client, run, after, io, show, remark }: FollowRunOptions): Promise<number> {
  const leave = new AbortController();
  const presses = [
    () => {
      remark('Interrupting; Ctrl-C again stops the agent');
      return interruptOrCancel(client, run.id);
    },
    () => {
      remark('Stopping; Ctrl-C again leaves the run alone');
      return client.stop(run.id);
    },
  ];
  const ignoreSignals = io.onSignal('SIGINT', () => {
    const press = presses.shift();
    if (press === undefined) return leave.abort();
    press().catch((error: unknown) => remark((error as Error).message));
  });
  try {
    for await (const item of client.events(run.sessionId, { after, signal: leave.signal })) {
      if ('reset' in item) remark('The log has changed under us; it is shown again from the beginning');
      else if (concerns(item, run)) {
        show(item);
        if (item.type === 'run.ended') return exitCodeOf(item.data.outcome);
      }
    }
    remark(`Left; the run goes on: drover logs -f ${run.id}`);
    return exitCodes.interrupted;
  } finally {
    ignoreSignals();
    leave.abort();
  }
}

/** A run that waits in a paused session waits for that, too. */
function concerns({ runId, type }: Event, run: Run): boolean {
  return runId === run.id || type === 'session.paused' || type === 'session.resumed';
}

/** A run that has not started has no turn to interrupt. */
async function interruptOrCancel(client: DroverClient, runId: string): Promise<Run> {
  return client.interrupt(runId).catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === 'wrong_state') return client.cancel(runId);
    throw error;
  });
}
