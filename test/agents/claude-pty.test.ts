import { afterEach, beforeEach, expect, test } from 'vitest';
import { ofType, readToExit } from '../e2e/collect.ts';
import { TestServer } from '../e2e/test-server.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { createGate } from '../emulator/gate.ts';
import { installedAgent } from './install.ts';

let emulator: Emulator;
let server: TestServer;

beforeEach(async () => {
  emulator = await startEmulator();
  const options = { command: installedAgent('claude') };
  server = new TestServer({
    env: {
      ANTHROPIC_BASE_URL: emulator.baseUrl('test'),
      ANTHROPIC_API_KEY: 'sk-ant-dummy-canary',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    config: { profiles: { claude: { driver: 'claude', options, transport: 'pty' } } },
  });
  await server.start();
});
afterEach(async () => {
  await server.dispose();
  await emulator.stop();
});

test('the real Claude Code on a terminal of the server says what it says on a pipe, over a kill -9 of the server', async () => {
  const gate = createGate();
  const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
  emulator.script('test', [
    { content: [{ type: 'text', text: words.join(''), chunks: words }], gate: { afterEvents: 20, until: gate } },
  ]);
  const sessionId = await server.session('claude');
  const { run } = await server.client.createRun(sessionId, { prompt: `Say forty words. ${'x'.repeat(900_000)}` });
  await gate.reached;
  await server.crash();
  gate.open();
  const events = await readToExit(server.client, sessionId);
  expect(await server.client.run(run.id)).toMatchObject({ state: 'succeeded', answer: words.join('') });
  expect(ofType(events, 'process.exited').map(({ data }) => data.code)).toEqual([0]);
  expect(ofType(events, 'agent.output')).toEqual([]);
  expect(ofType(events, 'agent.diagnostic')).toEqual([]);
  expect(ofType(events, 'message.completed').map(({ data }) => data.content)).toEqual([
    [{ type: 'text', text: words.join('') }],
  ]);
  expect(JSON.stringify(emulator.requests('test').at(-1)?.body)).toContain('x'.repeat(900_000));

  // It is nobody's screen, but it can be looked at.
  let seen = '';
  const terminal = server.client.terminal(run.id, { write: true });
  for await (const item of terminal) {
    if (item instanceof Uint8Array) seen += Buffer.from(item).toString();
    else if (item.type === 'terminal') expect(item.isWriter).toBe(false);
  }
  expect(seen).toContain('"type":"result"');
});
