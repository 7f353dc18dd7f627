import { expect, test } from 'vitest';
import { ignoreSignals, kill, say, script, sleep } from '../../script.ts';
import { perform, Rehearsal } from '../rehearsal.ts';

test.each(['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT'] as const)('the program kills itself by %s', async (name) => {
  const { code, signal, lines } = await perform(script(say('goodbye'), kill(name), sleep(1_000_000)));
  expect({ code, signal }).toEqual({ code: null, signal: name });
  expect(lines.at(-1)).toMatchObject({ type: 'message_done', text: 'goodbye' });
});

test('signals can be ignored, SIGINT too', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(ignoreSignals('SIGTERM', 'SIGHUP', 'SIGINT'), say('deaf')));
  agent.prompt('t2', script(kill('SIGTERM'), kill('SIGHUP'), kill('SIGINT'), say('still here')));
  const { lines, code } = await agent.end();
  expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded', answer: 'still here' });
  expect(code).toBe(0);
});

test('a signal that cannot be ignored fails the turn', async () => {
  const { lines } = await perform(script(ignoreSignals('SIGKILL')));
  expect(lines.at(-1)).toMatchObject({ outcome: 'failed', reason: 'internal' });
});
