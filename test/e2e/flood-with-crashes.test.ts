import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { end, exit, numbered, script } from '../../src/agents/scripted/script.ts';
import type { Event } from '../../src/contracts/events.ts';
import { findByCookie } from '../../src/holder/sweep.ts';
import { ofType, readPages } from './collect.ts';
import { startServer } from './test-server.ts';
import { until } from './until.ts';

const agents = 50;
const linesEach = 3_000;
const crashes = 30;

// FAULTS 1. The lines are paced so that the crashes fall among them, whatever the speed of the machine.
test('50 agents print 3,000 numbered lines each while the server is killed 30 times: every line once, in order, and every exit code', async () => {
  const server = await startServer({ config: { maxRunningAgents: agents } });
  try {
    const sessions = await Promise.all(Array.from({ length: agents }, () => server.session()));
    const prompt = (index: number) => script(numbered(linesEach, { burst: 100, everyMs: 100 }), end(), exit(index % 7));
    await Promise.all(sessions.map((id, index) => server.client.createRun(id, { prompt: prompt(index) })));

    const pids = new Map<string, number>();
    for (let crash = 0; crash < crashes; crash++) {
      await sleep(Math.random() * 150);
      await server.crash();
    }
    await until(async () => (await server.client.runs({ open: true })).length === 0, 'all runs to end', 300_000);

    for (const [index, sessionId] of sessions.entries()) {
      const events = await until(async () => {
        const read = await readPages(server.client, sessionId);
        return ofType(read, 'process.exited').length > 0 && read;
      }, `the process of session ${index} to be gone`);
      expect(numbersIn(events)).toEqual(Array.from({ length: linesEach }, (_, line) => line + 1));
      expect(ofType(events, 'attempt.started')).toHaveLength(1);
      expect(ofType(events, 'run.ended').map((event) => event.data.outcome)).toEqual(['succeeded']);
      expect(ofType(events, 'process.exited').map((event) => event.data.code)).toEqual([index % 7]);
      for (const event of [...ofType(events, 'process.started'), ...ofType(events, 'process.adopted')]) {
        const known = pids.get(event.data.processId) ?? event.data.pid;
        expect(event.data.pid).toBe(known);
        pids.set(event.data.processId, known);
      }
    }
    // Some were adopted many times, or the crashes hit nothing.
    expect(server.stderr).not.toContain('"level":60');
    expect([...findByCookie().keys()].filter((id) => pids.has(id))).toEqual([]);
  } finally {
    await server.dispose();
  }
}, 600_000);

/** The numbers that the agent printed, in the order of the log. */
function numbersIn(events: readonly Event[]): number[] {
  return events.flatMap((event) => {
    if (event.type !== 'agent_message_chunk' && event.type !== 'message.completed') return [];
    const content = event.type === 'agent_message_chunk' ? [event.data.content] : event.data.content;
    return content.flatMap((block) =>
      block.type === 'text' && /^\D*\d+\s*$/.test(block.text) ? [Number(/\d+/.exec(block.text)?.[0])] : [],
    );
  });
}
