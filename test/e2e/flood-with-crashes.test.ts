import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { end, exit, numbered, script } from '../../src/agents/scripted/script.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { numbersIn, ofType, readToExit } from './collect.ts';
import { startServer } from './test-server.ts';
import { until } from './until.ts';

const agents = 50;
const linesEach = 3_000;
const crashes = 30;

// FAULTS 1. The lines take about 50 s, so that the crashes fall among them; that they did is asserted below.
test('50 agents print 3,000 numbered lines each while the server is killed 30 times: every line once, in order, and every exit code', async () => {
  const server = await startServer({ config: { maxRunningAgents: agents } });
  try {
    const sessions = await Promise.all(Array.from({ length: agents }, () => server.session()));
    const prompt = (index: number) => script(numbered(linesEach, { burst: 25, everyMs: 400 }), end(), exit(index % 7));
    await Promise.all(sessions.map((id, index) => server.client.createRun(id, { prompt: prompt(index) })));

    const pids = new Map<string, number>();
    let adoptions = 0;
    for (let crash = 0; crash < crashes; crash++) {
      await sleep(Math.random() * 150);
      await server.crash();
    }
    await until(async () => (await server.client.runs({ open: true })).length === 0, 'all runs to end', 300_000);

    for (const [index, sessionId] of sessions.entries()) {
      const events = await readToExit(server.client, sessionId);
      expect(numbersIn(events)).toEqual(Array.from({ length: linesEach }, (_, line) => line + 1));
      expect(ofType(events, 'attempt.started')).toHaveLength(1);
      expect(ofType(events, 'run.ended').map((event) => event.data.outcome)).toEqual(['succeeded']);
      expect(ofType(events, 'process.exited').map((event) => event.data.code)).toEqual([index % 7]);
      const adopted = ofType(events, 'process.adopted');
      adoptions += adopted.length;
      for (const event of [...ofType(events, 'process.started'), ...adopted]) {
        const known = pids.get(event.data.processId) ?? event.data.pid;
        expect(event.data.pid).toBe(known);
        pids.set(event.data.processId, known);
      }
    }
    // The crashes hit agents at work: each was taken up many times by a server that found it alive.
    expect(adoptions / agents).toBeGreaterThan(10);
    // Nothing was got into trouble with on the way.
    expect(server.stderr).not.toContain('"level":50');
    expect([...findByCookie().keys()].filter((id) => pids.has(id))).toEqual([]);
  } finally {
    await server.dispose();
  }
}, 600_000);
