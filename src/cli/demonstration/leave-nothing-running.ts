import type { DroverClient } from '../../client/client.ts';
import type { Run } from '../../contracts/resources.ts';
import type { Io } from '../io.ts';

export interface LeaveOptions {
  readonly io: Pick<Io, 'clock'>;
  /** How long to wait for the agent's process. */
  readonly limitMs: number;
}

/** Stops the run where it goes on, and resolves when the agent's process has gone, too. */
export async function leaveNothingRunning(
  client: DroverClient,
  { id, sessionId }: Pick<Run, 'id' | 'sessionId'>,
  after: string,
  { io, limitMs }: LeaveOptions,
): Promise<void> {
  if ((await client.run(id)).endedAt === null) await client.stop(id);
  const limit = new AbortController();
  const timer = io.clock.setTimer(limitMs, () => limit.abort());
  let processes = 0;
  let isEnded = false;
  for await (const item of client.events(sessionId, { after, signal: limit.signal })) {
    if ('reset' in item) continue;
    if (item.type === 'process.started') processes += 1;
    if (item.type === 'process.exited') processes -= 1;
    if (item.type === 'run.ended') isEnded = true;
    if (isEnded && processes === 0) break;
  }
  timer.cancel();
}
