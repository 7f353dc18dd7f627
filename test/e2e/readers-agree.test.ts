import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { edit, end, plan, say, script, think, tool, usage, waitForFile } from '../../src/agents/scripted/script.ts';
import { foldTranscript } from '../../src/client/transcript.ts';
import { expectInOrder, followUntil, isProcessExit, ofType, readPages } from './collect.ts';
import { TestServer } from './test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer();
  await server.start();
});

afterEach(() => server.dispose());

test('JSON from cursor 0, SSE from cursor 0 and a reader that was there all along fold to the same transcript, over a crash', async () => {
  const gate = `${server.place}/gate`;
  const sessionId = await server.session();
  const live = followUntil(server.client, sessionId, isProcessExit);
  await server.client.createRun(sessionId, {
    prompt: script(
      think('Let me think about it', { chunks: 7 }),
      say('I will write a file', { chunks: 9, delayMs: 5 }),
      edit('notes.md', { content: 'one\ntwo\n' }),
      plan({ content: 'write', priority: 'high', status: 'completed' }),
      waitForFile(gate),
      tool('Look around', { kind: 'search', output: 'nothing' }),
      usage({ inputTokens: 10, outputTokens: 5, costUsd: 0.01 }),
      say('Done', { chunks: 2 }),
      end({ answer: 'Done' }),
    ),
  });
  await followUntil(server.client, sessionId, (event) => event.type === 'plan');
  await server.crash();
  writeFileSync(gate, '');

  const streamed = await followUntil(server.client, sessionId, isProcessExit);
  const paged = await readPages(server.client, sessionId, 3);
  const transcript = foldTranscript(paged);
  expect(foldTranscript(streamed)).toEqual(transcript);
  expect(foldTranscript(await live)).toEqual(transcript);
  expectInOrder(paged);
  expectInOrder(await live);
  expect(ofType(paged, 'run.ended')[0]?.data).toMatchObject({ outcome: 'succeeded', answer: 'Done' });
  expect(ofType(paged, 'agent_message_chunk')).toEqual([]);
});

test('a cursor of one transport is good for the other', async () => {
  const sessionId = await server.session();
  await server.client.createRun(sessionId, { prompt: script(say('one'), say('two'), end()) });
  const all = await followUntil(server.client, sessionId, isProcessExit);
  const page = await server.client.eventPage(sessionId, { limit: 4 });
  const rest = await followUntil(server.client, sessionId, isProcessExit, page.cursor);
  expect([...page.events, ...rest].map(({ seq }) => seq)).toEqual(
    (await readPages(server.client, sessionId)).map(({ seq }) => seq),
  );
  expect(rest.at(-1)).toEqual(all.at(-1));
});
