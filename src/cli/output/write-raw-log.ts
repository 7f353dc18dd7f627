import type { DroverClient } from '../../client/client.ts';
import { inertText } from '../inert-text.ts';
import type { Io } from '../io.ts';

export interface RawLogOutput {
  readonly client: DroverClient;
  readonly io: Pick<Io, 'stdout' | 'clock'>;
  /** Goes on until the run has ended. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
}

/** Writes an agent's own bytes: as they are into a file or a pipe, made inert on a terminal. */
export async function writeRawLog(runId: string, stream: 'stdout' | 'stderr', output: RawLogOutput): Promise<void> {
  const { client, io, isFollowed, signal } = output;
  const decoder = io.stdout.isTTY === true ? new TextDecoder() : null;
  for (let offset = 0, isLast = false; !isLast && !signal.aborted;) {
    // Asked before the bytes are: an end that comes in between is seen the next time.
    isLast = !isFollowed || (await client.run(runId)).endedAt !== null;
    for await (const bytes of await client.rawLog(runId, stream, { offset, signal })) {
      offset += bytes.length;
      io.stdout.write(decoder === null ? bytes : inertText(decoder.decode(bytes, { stream: true })));
    }
    if (!isLast) await io.clock.sleep(pollMs, signal);
  }
}

const pollMs = 500;
