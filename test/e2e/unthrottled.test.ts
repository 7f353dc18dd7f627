import { expect, test } from 'vitest';
import { end, exit, numbered, script } from '../../src/agents/scripted/script.ts';
import { numbersIn, ofType, readToExit } from './collect.ts';
import { startServer } from './test-server.ts';

const agents = 10;
const linesEach = 10_000;

// FAULTS 15, first half.
test('10 agents print without a pause: others are answered in the midst of it, and every line arrives once', async () => {
  const server = await startServer();
  try {
    const sessions = await Promise.all(Array.from({ length: agents }, () => server.session()));
    const prompt = script(numbered(linesEach), end({ answer: 'printed' }), exit(2));
    await Promise.all(sessions.map((id) => server.client.createRun(id, { prompt })));

    // One request after the other; those count that are answered when many lines have come and many are still to come.
    let answered = 0;
    for (let asked = 0; (await server.client.runs({ open: true })).length > 0; asked++) {
      const { cursor } = await server.client.session(sessions[asked % agents] ?? '');
      const seq = Number(cursor.split('-')[1]);
      if (seq > linesEach * 0.05 && seq < linesEach * 0.95) answered++;
    }
    expect(answered).toBeGreaterThan(5);

    for (const sessionId of sessions) {
      const events = await readToExit(server.client, sessionId);
      expect(numbersIn(events)).toEqual(Array.from({ length: linesEach }, (_, line) => line + 1));
      expect(ofType(events, 'run.ended').map(({ data }) => [data.outcome, data.answer])).toEqual([
        ['succeeded', 'printed'],
      ]);
      expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([2]);
    }
    expect(server.stderr).not.toContain('"level":50');
  } finally {
    await server.dispose();
  }
});
