import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { openSessions, startRuns } from '../many-runs.ts';
import { monotonicNs, nsPerMs } from '../machine/monotonic.ts';
import { percentile } from '../statistics.ts';

export const flood10: Scenario = {
  name: 'flood-10',
  about: 'what others notice of 10 agents that print flat out: the answers to their requests',
  async *measure(bench) {
    const server = await bench.startedServer();
    const sessions = await openSessions(server, 10);
    const [asked = ''] = await openSessions(server, 1);
    const startGate = bench.gate();
    await startRuns(server, sessions, { lines: bench.size(100_000, 20_000), startGate });
    await startGate.reachedBy(sessions.length);
    startGate.open();

    const isOver = server.quiet().then(() => true);
    const answersMs: number[] = [];
    while (!(await Promise.race([isOver, sleep(10, false)]))) {
      const askedNs = monotonicNs();
      await server.requests.askText('GET', `/v1/sessions/${asked}`);
      answersMs.push((monotonicNs() - askedNs) / nsPerMs);
    }
    const p99 = percentile(answersMs, 0.99);
    yield row({ name: 'flood-10-p99', value: p99, unit: 'ms', verdict: atMost(p99, 50, 'ms') });
  },
};
