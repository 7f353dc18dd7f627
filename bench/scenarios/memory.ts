import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { livingHolders } from '../server/stop-holders.ts';
import { openSessions, startRuns } from '../many-runs.ts';
import { pssMb, rssMb } from '../machine/memory.ts';

export const memory: Scenario = {
  name: 'memory',
  about: 'of the idle server, of a run that it supervises, of a holder',
  async *measure(bench) {
    const server = await bench.startedServer();
    const settle = () => sleep(bench.size(5_000, 2_000));
    await settle();
    const idle = pssMb(server.pid);
    yield row({ name: 'memory-idle', value: idle, unit: 'MB', verdict: atMost(idle, 100, 'MB') });
    yield row({ name: 'memory-idle-rss', value: rssMb(server.pid), unit: 'MB' });

    const sessions = await openSessions(server, 100);
    const startGate = bench.gate();
    startGate.open();
    await startRuns(server, sessions, { startGate, isHeld: true });
    await startGate.reachedBy(sessions.length);
    await settle();
    const perRun = (pssMb(server.pid) - idle) / sessions.length;
    yield row({ name: 'memory-run', value: perRun, unit: 'MB', verdict: atMost(perRun, 1, 'MB') });

    const holders = livingHolders(server.dataDir).map(pssMb);
    const holder = holders.reduce((sum, mb) => sum + mb, 0) / holders.length;
    yield row({ name: 'memory-holder', value: holder, unit: 'MB', verdict: atMost(holder, 0.1, 'MB') });
  },
};
