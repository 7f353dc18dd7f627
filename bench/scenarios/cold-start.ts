import type { BenchServer } from '../server/bench-server.ts';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { median } from '../statistics.ts';
import { monotonicNs, nsPerMs } from '../machine/monotonic.ts';

export const coldStart: Scenario = {
  name: 'cold-start',
  about: 'from the start of the server to its first answer',
  async *measure(bench) {
    // The first time, in a home that has never seen it, it also builds its holder.
    const server = bench.server({ env: { DROVER_HOLDER: '' } });
    const first = await startAndStop(server);
    await startAndStop(server);
    const samples: number[] = [];
    for (let count = 0; count < bench.size(12, 5); count += 1) samples.push(await startAndStop(server));
    const value = median(samples);
    yield row({ name: 'cold-start', value, unit: 'ms', verdict: atMost(value, 300, 'ms') });
    yield row({ name: 'cold-start-first-ever', value: first, unit: 'ms' });
  },
};

async function startAndStop(server: BenchServer): Promise<number> {
  const startNs = monotonicNs();
  await server.start();
  await server.requests.ask('GET', '/v1/health');
  const ms = (monotonicNs() - startNs) / nsPerMs;
  await server.signal('SIGTERM');
  return ms;
}
