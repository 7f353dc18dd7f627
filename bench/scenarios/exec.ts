import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from '../server/bench-server.ts';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { median } from '../statistics.ts';
import { monotonicNs, nsPerMs } from '../machine/monotonic.ts';

export const exec: Scenario = {
  name: 'exec',
  about: "from a client's POST of a run to the agent's first instruction",
  async *measure(bench) {
    const server = await bench.startedServer();
    const samples: number[] = [];
    for (let count = 0; count < 10; count += 1) await timeToMain(server);
    for (let count = 0; count < bench.size(80, 20); count += 1) samples.push(await timeToMain(server));
    const value = median(samples);
    yield row({ name: 'exec-p50', value, unit: 'ms', verdict: atMost(value, 15, 'ms') });
  },
};

/** In ms. The agent's session id is the time at which it began. */
async function timeToMain(server: BenchServer): Promise<number> {
  const sessionId = await server.session();
  // What the server does after the last run and this session is not part of this start.
  await sleep(60);
  const sentNs = monotonicNs();
  await server.run(sessionId, { lines: 1 });
  for (;;) {
    await sleep(60);
    const opened = (await server.events(sessionId)).find(({ type }) => type === 'native_session.opened');
    if (opened?.type !== 'native_session.opened') continue;
    return (Number(opened.data.nativeSessionId.replace('mono-', '')) - sentNs) / nsPerMs;
  }
}
