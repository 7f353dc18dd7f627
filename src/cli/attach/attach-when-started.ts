import type { DroverClient, FollowOptions } from '../../client/client.ts';
import type { Run } from '../../contracts/resources.ts';
import { exitCodeOf } from '../exit-codes.ts';
import type { AttachRunOptions } from './attach-run.ts';
import { attachRun } from './attach-run.ts';

/** As `attachRun`, also for a run that is still queued; `follow` says where in its session's events it is to be looked for. */
export async function attachWhenStarted(
  run: Run,
  follow: Pick<FollowOptions, 'after'>,
  options: Omit<AttachRunOptions, 'runId'>,
): Promise<number> {
  const { client } = options;
  const started = run.attempts > 0 || run.endedAt !== null ? run : await untilStarted(client, run, follow);
  if (started.state === 'canceled') return exitCodeOf(started.state);
  return attachRun({ ...options, runId: run.id });
}

async function untilStarted(client: DroverClient, run: Run, follow: Pick<FollowOptions, 'after'>): Promise<Run> {
  const leave = new AbortController();
  try {
    for await (const item of client.events(run.sessionId, { ...follow, signal: leave.signal })) {
      if ('reset' in item || item.runId !== run.id) continue;
      if (item.type === 'attempt.started' || item.type === 'run.ended') break;
    }
  } finally {
    leave.abort();
  }
  return client.run(run.id);
}
