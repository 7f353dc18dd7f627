import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from '../server/bench-server.ts';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { openSessions, startRuns } from '../many-runs.ts';

export const readopt200: Scenario = {
  name: 'readopt-200',
  about: 'a server killed under 200 runs: from the start of the next one until it has them all',
  async *measure(bench) {
    const server = await bench.startedServer();
    const sessions = await openSessions(server, bench.size(200, 50));
    // An open gate holds nobody up, but tells who has come.
    const startGate = bench.gate();
    startGate.open();
    await startRuns(server, sessions, { lines: 5, startGate, isHeld: true });
    await startGate.reachedBy(sessions.length);
    await sleep(2_000);
    await server.signal('SIGKILL');
    const spawnedAt = Date.now();
    await server.start();
    const value = ((await lastAdoption(server, sessions)) - spawnedAt) / 1_000;
    yield row({ name: 'readopt-200', value, unit: 's', verdict: atMost(value, 2, 's') });
  },
};

/** When the last of them was adopted, by the events' own times: to ask while it happens would slow it down. */
async function lastAdoption(server: BenchServer, sessions: readonly string[]): Promise<number> {
  let last = 0;
  for (const sessionId of sessions) {
    for (let tries = 0; ; tries += 1) {
      if (last === 0 || tries > 0) await sleep(4_000);
      const adopted = (await server.events(sessionId)).find(({ type }) => type === 'process.adopted');
      if (adopted !== undefined) {
        last = Math.max(last, Date.parse(adopted.at));
        break;
      }
      if (tries === 15) throw new Error(`The process of ${sessionId} was not adopted`);
    }
  }
  return last;
}
