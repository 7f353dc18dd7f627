import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { end, exit, numbered, script } from '../../src/agents/scripted/script.ts';
import type { Failpoint } from '../../src/kernel/failpoint.ts';
import { numbersIn, ofType, readToExit } from './collect.ts';
import { TestServer } from './test-server.ts';

// FAULTS 1, second half. Between `lock` and the rest of a start only the holder can tell: holder/ tests a spec that breaks off.
const points: readonly (Failpoint | `${Failpoint}:${number}`)[] = [
  'attempt-committed',
  'holder-spawned',
  'start-recorded',
  'output-read',
  'output-read:3',
  'output-committed',
  'output-committed:2',
  'end-found',
];

describe('a server that dies by kill -9', () => {
  test.for(points)('right after "%s" leaves a run that its successor carries to its true end, once', async (point) => {
    const server = new TestServer();
    try {
      await server.start({ DROVER_FAILPOINT: point });
      const sessionId = await server.session();
      const marker = `${server.place}/starts`;
      const steps = [{ writeFile: { path: marker, append: 'started\n' } }, numbered(500, { burst: 50, everyMs: 20 })];
      await server.client.createRun(sessionId, { prompt: script(...steps, end({ answer: 'counted' }), exit(3)) });
      expect(await server.exited()).toBe('SIGKILL');
      await server.start();
      const events = await readToExit(server.client, sessionId);

      expect(ofType(events, 'attempt.started')).toHaveLength(1);
      expect(ofType(events, 'process.started')).toHaveLength(1);
      expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
        ['succeeded', 'counted'],
      ]);
      expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([3]);
      expect(numbersIn(events)).toEqual(Array.from({ length: 500 }, (_, line) => line + 1));
      expect(readFileSync(marker, 'utf8')).toBe('started\n');
    } finally {
      await server.dispose();
    }
  });
});
