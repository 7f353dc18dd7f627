import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { cpuSeconds } from '../machine/cpu-time.ts';
import { openSessions, startRuns } from '../many-runs.ts';
import { monotonicNs, nsPerSecond } from '../machine/monotonic.ts';
import { percentile } from '../statistics.ts';

const linesPerSecond = 20;

export const agents200: Scenario = {
  name: 'agents-200',
  about: '200 agents that print 20 lines a second each, some of them read',
  async *measure(bench) {
    const server = await bench.startedServer();
    const readers = bench.readers();
    const seconds = bench.size(20, 6);
    const lines = seconds * linesPerSecond;
    const sessions = await openSessions(server, 200);
    const reading = await readers.open({
      urls: sessions.slice(0, 10).map((sessionId) => server.eventsUrl(sessionId)),
      headers: server.requests.headers,
      readersPerUrl: 1,
      dialect: 'drover',
      counted: 'agent_message_chunk',
      expected: lines,
      isStamped: true,
    });
    const startGate = bench.gate();
    const orders = { lines, everyUs: 1_000_000 / linesPerSecond, isStamped: true, startGate };
    await startRuns(server, sessions, orders);
    await startGate.reachedBy(sessions.length);
    await sleep(2_000); // What starting them has left to do is not part of running them.
    startGate.open();
    await sleep(1_000);
    const [fromNs, from] = [monotonicNs(), cpuSeconds(server.pid)];
    await sleep((seconds - 2) * 1_000);
    const cores = (cpuSeconds(server.pid) - from) / ((monotonicNs() - fromNs) / nsPerSecond);
    yield row({ name: 'agents-200-cpu', value: cores, unit: 'cores', verdict: atMost(cores, 0.35, 'cores') });

    const { latenciesMs, lost } = await reading.ended;
    const p99 = percentile(latenciesMs, 0.99);
    const verdict = { target: '≤ 30 ms, none lost', holds: p99 <= 30 && lost === 0 };
    yield row({ name: 'agents-200-p99', value: p99, unit: 'ms', verdict });
    await server.quiet();
  },
};
