import type { DroverClient } from '../../client/client.ts';
import { backOffMs, isPassing, usualRetries } from '../../client/coming-back.ts';
import { inertText } from '../inert-text.ts';
import type { Io } from '../io.ts';

export interface RawLogOutput {
  readonly client: DroverClient;
  readonly io: Pick<Io, 'stdout' | 'clock'>;
  /** Goes on until the run has ended, also over restarts of the server. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
}

/** Writes an agent's own bytes: as they are into a file or a pipe, made inert on a terminal. */
export async function writeRawLog(runId: string, stream: 'stdout' | 'stderr', output: RawLogOutput): Promise<void> {
  const { client, io, isFollowed, signal } = output;
  const decoder = io.stdout.isTTY === true ? new TextDecoder() : null;
  for (let offset = 0, failures = 0; ;) {
    try {
      // Asked before the bytes are: an end that comes in between is seen the next time.
      const isLast = !isFollowed || (await client.run(runId)).endedAt !== null;
      for await (const bytes of await client.rawLog(runId, stream, { offset, signal })) {
        offset += bytes.length;
        io.stdout.write(decoder === null ? bytes : inertText(decoder.decode(bytes, { stream: true })));
      }
      if (isLast) return;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (!isFollowed || !isPassing(error) || failures >= usualRetries) throw error;
      failures += 1;
    }
    await io.clock.sleep(failures === 0 ? pollMs : backOffMs(failures - 1), signal);
    if (signal.aborted) return;
  }
}

const pollMs = 500;
