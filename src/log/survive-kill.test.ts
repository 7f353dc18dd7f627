import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { SessionId } from '../contracts/ids.ts';
import { openTestStore } from '../store/exercise/open-test-store.ts';
import { temporaryDirectory } from '../store/exercise/temporary-directory.ts';

const program = fileURLToPath(new URL('./fixtures/append-forever.ts', import.meta.url));

it('has, after each of many kills, a gapless log with all that was acknowledged', async () => {
  const directory = temporaryDirectory();
  for (const lines of [1, 40, 101, 250, 333]) {
    const acknowledged = await appendUntilKilled(directory, lines);
    expect(acknowledged.size).toBeGreaterThan(0);

    const store = await openTestStore({ directory });
    for (const [sessionId, number] of acknowledged) {
      const events = await store.events(sessionId, 0, 100_000);
      expect(events.length).toBeGreaterThanOrEqual(number);
      events.forEach(({ seq, prev, json }, index) => {
        expect({ seq, prev }).toEqual({ seq: index + 1, prev: index });
        expect(json).toContain(`"line ${seq}"`);
      });
    }
    await store.close();
  }
});

/** Kills the program when it has acknowledged so many appends; resolves with the last number of each session. */
async function appendUntilKilled(directory: string, lines: number): Promise<Map<SessionId, number>> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const acknowledged = new Map<SessionId, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [sessionId, number] = line.split(' ');
    acknowledged.set(sessionId as SessionId, Number(number));
    if (++seen === lines) child.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}
