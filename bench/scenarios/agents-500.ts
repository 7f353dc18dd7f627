import type { Scenario } from '../scenario.ts';
import { atLeast, row } from '../report/row.ts';
import { monotonicNs, nsPerSecond } from '../machine/monotonic.ts';
import { openSessions, startRuns } from '../many-runs.ts';

export const agents500: Scenario = {
  name: 'agents-500',
  about: '500 agents that are all there at the same time',
  async *measure(bench) {
    const server = await bench.startedServer();
    const count = bench.size(500, 100);
    const sessions = await openSessions(server, count);
    // Nobody passes before all have come: that they were there at once is not left to luck.
    const startGate = bench.gate();
    const startNs = monotonicNs();
    const seconds = () => (monotonicNs() - startNs) / nsPerSecond;
    const runs = await startRuns(server, sessions, { lines: 20, everyUs: 50_000, startGate });
    await startGate.reachedBy(count);
    const untilAllRun = seconds();
    startGate.open();
    await server.quiet();
    const untilAllEnded = seconds();
    const states = await Promise.all(runs.map((runId) => server.runNow(runId)));
    const value = states.filter(({ state }) => state === 'succeeded').length;
    yield row({ name: 'agents-500', value, unit: 'runs', verdict: atLeast(value, count, 'runs succeed') });
    yield row({ name: 'agents-500-started', value: untilAllRun, unit: 's' });
    yield row({ name: 'agents-500-ended', value: untilAllEnded, unit: 's' });
  },
};
