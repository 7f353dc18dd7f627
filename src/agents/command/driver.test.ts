import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../contracts/events.ts';
import { commandDriver as driver } from './driver.ts';
import { CommandOptions } from './options.ts';
import { maxMessage } from './state.ts';

const host = { env: { PATH: '/usr/bin:/bin', HOME: '/home/me', TERM: 'dumb', KEY: 'secret' } };
const spec = { host, program: '/bin/sh', nativeSessionId: null };
const options = CommandOptions.parse({ command: ['sh', '-c', 'cat'] });

/** What is made of these lines and the end behind them. */
function said(
  lines: readonly string[],
  exit: { code: number | null; signal: string | null } = { code: 0, signal: null },
) {
  let state = driver.initialState(null, 'prc_1');
  const events: NewEvent[] = [];
  for (const text of lines) {
    const translation = driver.translate(state, { stream: 'stdout', text });
    events.push(...translation.events);
    state = JSON.parse(JSON.stringify(translation.state)) as typeof state;
  }
  const { events: last = [], ...conclusion } = driver.conclude(state, exit);
  return {
    messages: [...events, ...last].filter(({ type }) => type === 'message.completed'),
    events,
    conclusion,
    state,
  };
}

describe('the command', () => {
  test('is a program and its arguments; the program is found like any other', () => {
    expect(driver.locate(options, host).path).toMatch(/^\/(usr\/)?bin\/sh$/);
    expect(driver.locate(CommandOptions.parse({ command: ['no-such'] }), host)).toMatchObject({ path: null });
    for (const wrong of [{}, { command: [] }, { command: 'sh' }, { command: ['sh'], prompt: 'argument' }]) {
      expect(driver.options.safeParse(wrong).success).toBe(false);
    }
  });

  test('gets the prompt as its whole input, and at a terminal as if it were typed', () => {
    const turn = { key: 't', prompt: 'one\ntwo' };
    expect(driver.command({ ...spec, options, transport: 'pipe' })).toMatchObject({
      argv: ['/bin/sh', '-c', 'cat'],
      stdin: 'oneshot',
    });
    expect(driver.prompt(turn, { options, transport: 'pipe' })).toEqual({ key: 't', text: 'one\ntwo' });
    expect(driver.command({ ...spec, options, transport: 'pty' })).toMatchObject({ stdin: 'stream' });
    expect(driver.prompt(turn, { options, transport: 'pty' })).toEqual({ key: 't', text: 'one\ntwo\r' });
  });

  test('need not be told the prompt', () => {
    const silent = { ...options, prompt: 'none' } as const;
    expect(driver.command({ ...spec, options: silent, transport: 'pipe' }).stdin).toBe('none');
    expect(driver.command({ ...spec, options: silent, transport: 'pty' }).stdin).toBe('stream');
    expect(driver.prompt({ key: 't', prompt: 'x' }, { options: silent, transport: 'pty' })).toBeNull();
  });

  test('has an environment of its own, with a terminal that is none of the server', () => {
    const env = { TOKEN: 'mine' };
    const own = { ...options, env };
    expect(driver.command({ ...spec, options: own, transport: 'pipe' }).env).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/home/me',
      TERM: 'dumb',
      ...env,
    });
    expect(driver.command({ ...spec, options: own, transport: 'pty' }).env).toMatchObject({ TERM: 'xterm-256color' });
  });
});

describe('what it prints', () => {
  test('is one message, line by line', () => {
    const { events, messages, conclusion } = said(['a', '', 'b']);
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill('agent_message_chunk'));
    expect(messages).toMatchObject([{ data: { messageId: 'prc_1/output-1', content: [{ text: 'a\n\nb\n' }] } }]);
    expect(conclusion).toEqual({
      outcome: 'succeeded',
      reason: null,
      message: null,
      answer: 'a\n\nb',
      answerSource: 'message',
    });
  });

  test('is several messages where it is long, and the state stays small', () => {
    const lines = [...Array<string>(50).fill('x'.repeat(1_000)), 'y'.repeat(100_000), 'z'];
    const { messages, state, conclusion } = said(lines);
    const texts = messages.map((event) => JSON.stringify(event.data));
    expect(messages.length).toBeGreaterThan(4);
    expect(texts.join('')).toContain('y'.repeat(100_000));
    expect(new Set(texts.map((text) => /output-\d+/.exec(text)?.[0])).size).toBe(messages.length);
    expect(JSON.stringify(state).length).toBeLessThan(2 * maxMessage + 200);
    expect(conclusion.answer).toBe('z');
  });

  test('on stderr is diagnostics', () => {
    const { events } = driver.translate(driver.initialState(), { stream: 'stderr', text: 'warning' });
    expect(events).toEqual([{ type: 'agent.diagnostic', data: { text: 'warning' } }]);
  });
});

test.each([
  [{ code: 3, signal: null }, 'The command exited with code 3'],
  [{ code: null, signal: 'SIGSEGV' }, 'The command was ended by SIGSEGV'],
])('an end such as %j is a failure', (exit, message) => {
  expect(said([], exit).conclusion).toEqual({
    outcome: 'failed',
    reason: 'agent_crashed',
    message,
    answer: '',
    answerSource: 'none',
  });
});
