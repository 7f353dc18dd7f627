import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { deliverByDrover } from '../deliveries.ts';
import { percentile } from '../statistics.ts';
import { pssMb } from '../machine/memory.ts';

export const readers1000: Scenario = {
  name: 'readers-1000',
  about: '1000 readers of one session, in which 50 events a second happen',
  async *measure(bench) {
    const server = await bench.startedServer();
    const readers = bench.readers();
    const orders = { lines: bench.size(1_000, 250), everyUs: 20_000, isStamped: true };
    const warm = { orders: { ...orders, lines: 50 }, readers, count: 1 };
    await deliverByDrover(server, warm, { endGate: bench.gate() });
    await sleep(1_000);
    const before = pssMb(server.pid);
    let after = before;
    const onCounted = () => (after = pssMb(server.pid));
    const delivery = { orders, readers, count: 1_000 };
    const { latenciesMs, lost } = await deliverByDrover(server, delivery, { endGate: bench.gate(), onCounted });

    const p99 = percentile(latenciesMs, 0.99);
    const verdict = { target: '≤ 50 ms, none lost', holds: p99 <= 50 && lost === 0 };
    yield row({ name: 'readers-1000-p99', value: p99, unit: 'ms', verdict });
    const grown = after - before;
    yield row({ name: 'readers-1000-memory', value: grown, unit: 'MB', verdict: atMost(grown, 100, 'MB') });
  },
};
