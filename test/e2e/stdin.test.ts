import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitSteer, end, say, script } from '../../src/agents/scripted/script.ts';
import { readIdentity } from '../../src/holder/identity.ts';
import { followUntil, isProcessExit, ofType } from './collect.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';
import { stateOf } from './processes.ts';

let server: TestServer;

beforeEach(() => {
  server = new TestServer();
});

afterEach(() => server.dispose());

/** A megabyte that is like no other, with characters of one, two and four bytes in it. */
const megabyte = (number: number) => `${number}: ${`${number} ü 🐑 `.repeat(72_000)}`;

// FAULTS 18.
describe('ten megabytes for an agent that stands still', () => {
  const said = Array.from({ length: 10 }, (_, number) => megabyte(number));

  test.each([
    ['paused by its user', true],
    ['stopped by anybody', false],
  ])('(%s) come whole, once and in order, though the server is killed in the middle of one', async (_, isPaused) => {
    await server.start({ DROVER_FAILPOINT: 'message-half-written:6' });
    const sessionId = await server.session();
    const { run } = await server.client.createRun(sessionId, {
      prompt: script(say('ready'), ...said.map(() => awaitSteer()), end({ answer: 'heard' })),
    });
    const begun = await followUntil(server.client, sessionId, ({ type }) => type === 'message.completed');
    const processId = ofType(begun, 'process.started')[0]?.data.processId ?? '';
    const pid = readIdentity(server.processDirectory(processId))?.agent.pid ?? 0;
    if (isPaused) await server.client.pause(run.id);
    else process.kill(pid, 'SIGSTOP');
    await until(() => isPaused || stateOf(pid) === 'T', 'the agent to stand still');

    let deaths = 0;
    for (const [number, prompt] of said.entries()) {
      const send = () =>
        server.client.createRun(sessionId, { prompt, mode: 'steer' }, { idempotencyKey: `say-${number}` });
      await send().catch(async () => {
        deaths += 1;
        expect(await server.exited()).toBe('SIGKILL');
        await server.start();
        await followUntil(server.client, sessionId, ({ type }) => type === 'process.adopted');
        // Whoever got no answer asks again; what was stored is not said twice.
        await send();
      });
    }
    expect(deaths).toBe(1);
    if (isPaused) await server.client.resume(run.id);
    else process.kill(pid, 'SIGCONT');
    const events = await followUntil(server.client, sessionId, isProcessExit);
    const heard = ofType(events, 'message.completed')
      .map(({ data }) => data.content.map((block) => (block.type === 'text' ? block.text : '')).join(''))
      .filter((text) => text.startsWith('Steered: '));
    expect(heard.length).toBe(10);
    expect(heard.every((text, number) => text === `Steered: ${said[number]}`)).toBe(true);
    expect(ofType(events, 'run.steered')).toHaveLength(10);
    expect((await server.client.run(run.id)).answer).toBe('heard');
  });
});
