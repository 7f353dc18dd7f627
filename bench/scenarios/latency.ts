import type { Delivered } from '../readers/protocol.ts';
import type { Scenario } from '../scenario.ts';
import { deliverByDrover, deliverByRelay } from '../deliveries.ts';
import { percentile } from '../statistics.ts';
import { row } from '../report/row.ts';

/** Both in turns, so that what the machine does besides falls on both. */
export const latency: Scenario = {
  name: 'latency',
  about: 'from the write of a delta to its receipt, at 50 deltas a second',
  async *measure(bench) {
    const server = await bench.startedServer();
    const relay = await bench.relay();
    const readers = bench.readers();
    const lines = bench.size(250, 100);
    const delivery = { orders: { lines, everyUs: 20_000, isStamped: true }, readers, count: 1 };
    const drover: Delivered[] = [];
    const bare: Delivered[] = [];
    for (let round = 0; round <= bench.size(4, 2); round += 1) {
      // The first of each warms up what compiles itself while it runs.
      const isMeasured = round > 0;
      const both = [
        await deliverByDrover(server, delivery, { endGate: bench.gate() }),
        await deliverByRelay(relay, delivery),
      ] as const;
      if (isMeasured) {
        drover.push(both[0]);
        bare.push(both[1]);
      }
    }
    yield figure('latency-p50', 0.5, 0.35);
    yield figure('latency-p99', 0.99, 3);

    function figure(name: string, share: number, more: number) {
      const value = percentile(samples(drover), share);
      const baseline = percentile(samples(bare), share);
      const lost = drover.reduce((sum, each) => sum + each.lost, 0);
      const verdict = { target: `≤ relay + ${more} ms, none lost`, holds: value <= baseline + more && lost === 0 };
      return row({ name, value, unit: 'ms', baseline, verdict });
    }
  },
};

function samples(rounds: readonly Delivered[]): Float64Array {
  return Float64Array.from(rounds.flatMap(({ latenciesMs }) => [...latenciesMs]));
}
