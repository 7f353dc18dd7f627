import type { BenchServer } from '../server/bench-server.ts';
import type { Scenario } from '../scenario.ts';
import { row } from '../report/row.ts';
import { monotonicNs, nsPerSecond } from '../machine/monotonic.ts';

export const replay: Scenario = {
  name: 'replay',
  about: 'a long session read from its beginning',
  async *measure(bench) {
    const server = await bench.startedServer();
    const readers = bench.readers();
    const lines = bench.size(300_000, 50_000);
    const sessionId = await server.session();
    await server.run(sessionId, { lines, isWhole: true });
    await server.quiet();

    const order = {
      urls: [server.eventsUrl(sessionId)],
      headers: server.requests.headers,
      readersPerUrl: 1,
      dialect: 'drover',
      counted: 'message.completed',
      expected: lines,
      isStamped: false,
    } as const;
    const { requestedNs, lastNs, lost } = await (await readers.open(order)).ended;
    const value = lines / ((lastNs - requestedNs) / nsPerSecond);
    const target = '≥ 300000 /s, none lost';
    yield row({ name: 'replay-sse', value, unit: '/s', verdict: { target, holds: value >= 300_000 && lost === 0 } });

    const startNs = monotonicNs();
    const read = await readPages(server, sessionId);
    const rate = read / ((monotonicNs() - startNs) / nsPerSecond);
    if (read < lines) throw new Error(`The pages have ${read} events of more than ${lines}`);
    // One request after the other, each counted by this process: for information.
    yield row({ name: 'replay-pages', value: rate, unit: '/s' });
  },
};

/** Reads page after page, unparsed but for the cursor at its end; how many events there were. */
async function readPages(server: BenchServer, sessionId: string): Promise<number> {
  let events = 0;
  for (let after = ''; ;) {
    const page = await server.requests.askText('GET', `/v1/sessions/${sessionId}/events?limit=1000${after}`);
    events += page.split('{"seq":').length - 1;
    const [, cursor, hasMore] = /"cursor":"([\d-]+)","hasMore":(true|false)\}$/.exec(page.slice(-200)) ?? [];
    if (cursor === undefined) throw new Error('A page has no cursor at its end');
    if (hasMore === 'false') return events;
    after = `&after=${cursor}`;
  }
}
