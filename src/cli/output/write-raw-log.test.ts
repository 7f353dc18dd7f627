import { describe, expect, it } from 'vitest';
import { ProblemError, type DroverClient } from '../../client/client.ts';
import type { Run } from '../../contracts/resources.ts';
import { systemClock } from '../../kernel/clock.ts';
import { writeRawLog } from './write-raw-log.ts';

const away = new ProblemError({
  type: 'x',
  title: 'x',
  status: 502,
  code: 'server_unreachable',
  detail: 'No Drover server answers',
});

/** A server that answers with these pieces, one after the other; an error comes in place of an answer, or in the middle of one. */
function follow(answers: readonly (readonly (string | Error)[])[], { isFollowed = true } = {}) {
  const [offsets, sleeps]: [number[], number[]] = [[], []];
  const left = [...answers];
  let written = '';
  const client = {
    async run() {
      const [first] = left[0] ?? [];
      if (first instanceof Error && left.length > 0) {
        left.shift();
        throw first;
      }
      return { endedAt: left.length > 1 ? null : '2026-11-21T10:00:00.000Z' } as Run;
    },
    async rawLog(_: string, __: string, { offset = 0 } = {}) {
      offsets.push(offset);
      const pieces = [...(left.shift() ?? [])];
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) controller.close();
          else if (piece instanceof Error) controller.error(piece);
          else controller.enqueue(Buffer.from(piece));
        },
      });
    },
  } satisfies Pick<DroverClient, 'run' | 'rawLog'>;
  const clock = { ...systemClock, sleep: async (delayMs: number) => void sleeps.push(delayMs) };
  const done = writeRawLog('run_1', 'stdout', {
    client: client as unknown as DroverClient,
    io: { clock, stdout: { write: (bytes) => (written += Buffer.from(bytes).toString()) } },
    isFollowed,
    signal: new AbortController().signal,
  });
  return { done, offsets, sleeps, written: () => written };
}

describe('a raw log that is followed', () => {
  it('goes on from the offset it has reached when the server comes back, in growing distances', async () => {
    const log = follow([['Hel', new TypeError('terminated')], [away], [away], ['lo'], ['!']]);
    await log.done;
    expect(log.written()).toBe('Hello!');
    expect(log.offsets).toEqual([0, 3, 5]);
    expect(log.sleeps).toEqual([250, 500, 1_000, 500]);
  });

  it('ends with the refusal of a server that refuses, and with that of one that does not come back', async () => {
    const refusal = new ProblemError({ type: 'x', title: 'x', status: 404, code: 'not_found', detail: 'Nothing' });
    await expect(follow([['a'], [refusal]]).done).rejects.toBe(refusal);
    const gone = follow(Array<Error[]>(20).fill([away]));
    await expect(gone.done).rejects.toBe(away);
    expect(gone.sleeps).toHaveLength(10);
  });

  it('is not tried again where it is only read', async () => {
    const { done, sleeps } = follow([['a', new TypeError('terminated')]], { isFollowed: false });
    await expect(done).rejects.toThrow('terminated');
    expect(sleeps).toEqual([]);
  });
});
