import type { Scenario } from '../scenario.ts';
import { deliverByDrover, deliverByRelay, rateOf } from '../deliveries.ts';
import { row } from '../report/row.ts';

interface Flat {
  readonly readers: number;
  readonly lines: number;
  /** Deliveries a second. */
  readonly atLeast: number;
}

/** One agent that prints as fast as it can. */
function flat({ readers: count, lines, atLeast }: Flat): Scenario {
  const name = `flat-${count}`;
  return {
    name,
    about: `deliveries of one agent that prints flat out, with ${count} readers`,
    async *measure(bench) {
      const server = await bench.startedServer();
      const relay = await bench.relay();
      const readers = bench.readers();
      const delivery = { orders: { lines: bench.size(lines, Math.round(lines / 5)) }, readers, count };
      const warm = { ...delivery, orders: { lines: Math.round(lines / 10) } };
      await deliverByRelay(relay, warm);
      const baseline = rateOf(await deliverByRelay(relay, delivery));
      await deliverByDrover(server, warm, { endGate: bench.gate() });
      const delivered = await deliverByDrover(server, delivery, { endGate: bench.gate() });
      const value = rateOf(delivered);
      const verdict = { target: `≥ ${atLeast} /s, none lost`, holds: value >= atLeast && delivered.lost === 0 };
      yield row({ name, value, unit: '/s', baseline, verdict, note: `${delivered.lost} lost` });
    },
  };
}

export const flatScenarios: readonly Scenario[] = [
  flat({ readers: 1, lines: 400_000, atLeast: 100_000 }),
  flat({ readers: 10, lines: 100_000, atLeast: 700_000 }),
  flat({ readers: 100, lines: 25_000, atLeast: 1_000_000 }),
];
