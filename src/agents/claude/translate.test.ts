import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../contracts/events.ts';
import type { Intent } from '../driver.ts';
import { type ClaudeState, initialState } from './state.ts';
import { translate } from './translate.ts';

describe('a line of Claude Code', () => {
  it('is not understood where its type or subtype is new', () => {
    for (const line of [{ type: 'invention' }, { type: 'system', subtype: 'invention' }, { type: 'toString' }]) {
      expect(translate(initialState(), { stream: 'stdout', text: JSON.stringify(line) }).isRecognised).toBe(false);
    }
  });

  it('is not understood where what we read of it has another shape', () => {
    const line = { type: 'result', subtype: 'success', is_error: 'no' };
    expect(translate(initialState(), { stream: 'stdout', text: JSON.stringify(line) }).isRecognised).toBe(false);
  });

  it('may carry keys that we do not know', () => {
    expect(run([{ ...init, invention: { deep: [1] } }]).unrecognised).toBe(0);
  });

  it('is the answer where plain text comes before any JSON, and nothing of ours after it', () => {
    const plain = translate(initialState(), { stream: 'stdout', text: 'Hello' });
    expect(plain).toMatchObject({ isRecognised: true, events: [{ type: 'agent_message_chunk' }] });
    const { state } = translate(plain.state, { stream: 'stdout', text: JSON.stringify(init) });
    expect(translate(state, { stream: 'stdout', text: 'Hello' }).isRecognised).toBe(false);
  });

  it('is plain text that was not understood as soon as JSON comes after it (ADR 0008)', () => {
    let state = initialState();
    for (const text of ['Warning', '', 'of a wrapper']) state = translate(state, { stream: 'stdout', text }).state;
    const json = translate(state, { stream: 'stdout', text: JSON.stringify(init) });
    expect(json.events.slice(0, 3)).toEqual([
      { type: 'message.completed', data: { messageId: 'text', role: 'agent', content: [], isDiscarded: true } },
      { type: 'agent.output', data: { stream: 'stdout', text: 'Warning' } },
      { type: 'agent.output', data: { stream: 'stdout', text: 'of a wrapper' } },
    ]);
    expect(json.state).toEqual(translate(initialState(), { stream: 'stdout', text: JSON.stringify(init) }).state);
  });

  it('is not understood where plain text is more than the state can take back', () => {
    const { state } = translate(initialState(), { stream: 'stdout', text: 'x'.repeat(64 * 1024) });
    expect(translate(state, { stream: 'stdout', text: 'y' })).toEqual({
      state,
      events: [],
      intents: [],
      isRecognised: false,
    });
  });

  it('is a diagnostic on stderr, of which the state keeps the end', () => {
    let state = initialState();
    for (let line = 0; line < 1000; line += 1) {
      state = translate(state, { stream: 'stderr', text: `line ${line} of a long story` }).state;
    }
    expect(state.diagnostics.length).toBeLessThanOrEqual(4096);
    expect(state.diagnostics).toMatch(/^line \d+ of a long story\n[^]*line 999 of a long story\n$/);
  });

  it('costs no new state where it is one more piece of a text', () => {
    const { state } = run([init, messageStart('m'), blockStart(0)]);
    const { state: next } = translate(state, { stream: 'stdout', text: JSON.stringify(textDelta(0, 'x')) });
    expect(next).toBe(state);
  });
});

describe('what the model says', () => {
  it.each([
    '401 Invalid API key',
    'Not logged in · Please run /login',
    "You've hit your limit",
    'API Error: 529 Overloaded',
  ])('never decides how a turn ended: "%s"', (prose) => {
    const good = run([init, snapshot('m', prose), result({ result: prose })]);
    expect(good.ends).toMatchObject([{ outcome: 'succeeded', reason: null, answer: prose }]);
    const bad = run([init, snapshot('m', prose), result({ result: prose, is_error: true })]);
    expect(bad.ends).toMatchObject([{ outcome: 'failed', reason: 'agent_crashed' }]);
  });

  it('is the answer where the result has none, and only then', () => {
    expect(run([init, snapshot('m', 'Said'), result({ result: '' })]).ends).toMatchObject([
      { answer: 'Said', answerSource: 'message' },
    ]);
    expect(run([init, snapshot('m', 'Said'), result({ result: 'Result' })]).ends).toMatchObject([
      { answer: 'Result', answerSource: 'result' },
    ]);
    expect(run([init, result({ result: '' })]).ends).toMatchObject([{ answer: '', answerSource: 'none' }]);
  });

  it('is not the answer where a subagent says it, or where it was said in the turn before', () => {
    const subagent = { ...snapshot('s', 'Aside'), parent_tool_use_id: 'toolu_1' };
    expect(run([init, subagent, result({ result: '' })]).ends).toMatchObject([{ answerSource: 'none' }]);
    const turns = [init, snapshot('m', 'Said'), result({ result: 'Said' }), init, result({ result: '' })];
    expect(run(turns).ends).toMatchObject([{ answer: 'Said' }, { answerSource: 'none' }]);
  });
});

describe('a message', () => {
  it('keeps its blocks apart without partial messages, where they come one to a line', () => {
    const { events } = run([init, snapshot('m', 'One'), snapshot('m', 'Two')]);
    expect(completed(events)).toEqual(['m:0 One', 'm:1 Two']);
  });

  it('is completed under the ids of its chunks', () => {
    const { events } = run([init, messageStart('m'), blockStart(0), textDelta(0, 'O'), snapshot('m', 'One')]);
    expect(events.find(({ type }) => type === 'agent_message_chunk')?.data).toMatchObject({ messageId: 'm:0' });
    expect(completed(events)).toEqual(['m:0 One']);
  });

  it('is discarded where its stream broke and the answer comes under another id', () => {
    const { events } = run([init, messageStart('m'), blockStart(0), textDelta(0, 'On'), snapshot('n', 'One')]);
    expect(completed(events)).toEqual(['m:0 discarded', 'n:0 One']);
  });

  it('is replaced where the answer comes under its own id', () => {
    const { events } = run([init, messageStart('m'), blockStart(0), textDelta(0, 'On'), snapshot('m', 'One')]);
    expect(completed(events)).toEqual(['m:0 One']);
  });

  it('that was whole stays, whatever comes after it', () => {
    const { events } = run([init, messageStart('m'), blockStart(0), snapshot('m', 'One'), snapshot('n', 'Two')]);
    expect(completed(events)).toEqual(['m:0 One', 'n:0 Two']);
  });

  it('of the program about an error is not what the agent said', () => {
    const { events } = run([init, { ...snapshot('m', 'API Error: 500'), error: 'server_error' }]);
    expect(completed(events)).toEqual([]);
  });
});

describe('an error in mid turn', () => {
  const report = { ...snapshot('e', 'API Error: Connection lost mid-response.'), error: 'server_error' };

  it('is why the turn failed', () => {
    expect(run([init, report, result({ is_error: true, result: 'API Error' })]).ends).toMatchObject([
      {
        reason: 'model_unreachable',
        message: expect.stringMatching(/^API Error: Connection lost mid-response\. /) as string,
      },
    ]);
  });

  it('is forgotten when the turn goes on', () => {
    const maxTurns = result({
      subtype: 'error_max_turns',
      is_error: true,
      errors: ['Reached maximum number of turns (1)'],
    });
    const { ends } = run([init, report, snapshot('m', 'On we go'), maxTurns]);
    expect(ends).toMatchObject([{ reason: 'max_turns', message: expect.stringMatching(/^Reached maximum/) as string }]);
  });
});

describe('a session', () => {
  it('is opened once, and again only under another id', () => {
    const other = { ...init, session_id: 'other' };
    const { events } = run([init, result({}), init, result({}), other]);
    expect(events.filter(({ type }) => type === 'native_session.opened').length).toBe(2);
  });

  it('tells its mode when it changes; an init that names the first mode again changes nothing', () => {
    const status = { type: 'system', subtype: 'status', status: null, permissionMode: 'acceptEdits' };
    const { events } = run([init, status, init]);
    const modes = events.filter(({ type }) => type === 'current_mode_update').map(({ data }) => data);
    expect(modes).toEqual([{ currentModeId: 'default' }, { currentModeId: 'acceptEdits' }]);
  });
});

describe('a question', () => {
  const input = { command: 'touch x' };
  const request = { subtype: 'can_use_tool', tool_name: 'Bash', input, tool_use_id: 'toolu_1' };
  const question = { type: 'control_request', request_id: 'q', request };

  it('comes with what an answer and a policy need', () => {
    const { events, intents } = run([init, question]);
    expect(events.at(-1)).toEqual({
      type: 'permission.requested',
      data: { permissionId: 'q', toolCallId: 'toolu_1', title: 'touch x', rawInput: input },
    });
    expect(intents.at(-1)).toEqual({
      type: 'permission_requested',
      permissionId: 'q',
      rawInput: input,
      tool: 'Bash',
      command: 'touch x',
      paths: [],
      isFullyKnown: true,
    });
  });

  it('that the agent takes back is resolved by the agent', () => {
    const cancel = { type: 'control_cancel_request', request_id: 'q' };
    const { events, intents } = run([init, question, cancel]);
    expect(events.filter(({ type }) => type === 'permission.resolved')).toHaveLength(1);
    expect(intents.filter(({ type }) => type === 'permission_withdrawn')).toEqual([
      { type: 'permission_withdrawn', permissionId: 'q' },
    ]);
  });

  it('leaves nothing behind in the state', () => {
    const questions = Array.from({ length: 1000 }, (_, index) => ({ ...question, request_id: `q${index}` }));
    expect(run([init, ...questions]).state).toEqual(run([init]).state);
  });

  it.each([
    [{ subtype: 'elicitation', message: 'Who are you?' }, 'elicitation'],
    [{ subtype: 'hook_callback', callback_id: 'x' }, 'hook_callback'],
    [{ ...request, input: 'touch x' }, 'can_use_tool'],
    [{ subtype: 7 }, 'without a subtype'],
    [null, 'without a subtype'],
  ])('that is not understood is refused, for the agent would wait for ever: %j', (other, kind) => {
    const { intents, unrecognised } = run([init, { ...question, request: other }]);
    expect(unrecognised).toBe(1);
    const [reply] = intents.flatMap((intent) => (intent.type === 'reply' ? [intent.message] : []));
    expect(reply?.key).toBe('refusal-q');
    expect(reply?.text.endsWith('\n')).toBe(true);
    expect(JSON.parse(reply?.text ?? '')).toEqual({
      type: 'control_response',
      response: { subtype: 'error', request_id: 'q', error: `Drover cannot answer this request (${kind})` },
    });
  });

  it('without an id cannot be answered', () => {
    const { intents, unrecognised } = run([init, { type: 'control_request', request }]);
    expect([unrecognised, intents.filter(({ type }) => type === 'reply')]).toEqual([1, []]);
  });
});

describe('turn after turn', () => {
  const interrupted = { type: 'control_response', response: { subtype: 'success', request_id: 't1-interrupt' } };
  const started = { type: 'system', subtype: 'task_started', task_id: 'a', task_type: 'local_agent' };
  const reported = { type: 'system', subtype: 'task_notification', task_id: 'a', status: 'completed' };
  const spontaneous = { origin: { kind: 'task-notification' } };
  const echo = { type: 'user', message: { role: 'user', content: 'x' }, isReplay: true };
  const aborted = { subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_streaming' };

  it('an interrupt whose answer comes behind the result ends no other turn', () => {
    const { ends } = run([init, result({ result: 'One' }), interrupted, init, interrupted, result({ result: 'Two' })]);
    expect(ends).toMatchObject([
      { outcome: 'succeeded', answer: 'One' },
      { outcome: 'succeeded', answer: 'Two' },
    ]);
  });

  it('a turn that nobody prompted ends no run, however it ends', () => {
    const { ends, state } = run([init, result({}), init, result({ ...aborted, ...spontaneous }), init, result({})]);
    expect(ends).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded' }]);
    expect(state.isTurnOpen).toBe(false);
  });

  it('a prompt that is taken up in a turn of the agent itself makes that the turn of the prompt', () => {
    const said = (text: string) => result({ result: text, terminal_reason: 'completed' });
    const turns = [init, echo, snapshot('a', 'One'), said('One'), init, snapshot('b', 'Mine'), echo, said('Both')];
    expect(run(turns).ends).toMatchObject([{ answer: 'One' }, { answer: 'Both' }]);
    const woken = [init, echo, said('One'), init, echo, result({ result: 'Both', ...spontaneous })];
    expect(run(woken).ends).toMatchObject([{ answer: 'One' }, { answer: 'Both' }]);
  });

  it('a turn at an hour that the agent had set itself ends no run, though nothing says where it comes from', () => {
    const said = (text: string) => result({ result: text, terminal_reason: 'completed' });
    const turns = [init, echo, snapshot('a', 'One'), said('One'), init, snapshot('b', 'Mine'), said('Mine')];
    expect(run([...turns, init, echo, snapshot('c', 'Two'), said('Two')]).ends).toMatchObject([
      { answer: 'One' },
      { answer: 'Two' },
    ]);
  });

  it('a prompt that never reaches the model is not repeated, and its turn ends all the same', () => {
    const local = [init, snapshot('b', 'Context'), result({ result: 'Context' })];
    const blocked = [init, result({ result: '', terminal_reason: 'completed' })];
    expect(run([init, echo, result({}), ...local, ...blocked]).ends).toHaveLength(3);
  });

  it('a subagent that outlives the turn that it was started in is not waited for in the next', () => {
    const { ends } = run([init, started, result({ is_error: true }), init, result({ result: 'Two' }), reported]);
    expect(ends).toMatchObject([{ outcome: 'failed' }, { outcome: 'succeeded', answer: 'Two' }]);
  });

  it('an interrupt ends a turn that waits for its subagents, but leaves that of the agent which they woke to its result', () => {
    const waiting = [init, started, result({ result: 'I wait' })];
    expect(run([...waiting, interrupted]).ends).toMatchObject([{ outcome: 'interrupted', answer: 'I wait' }]);
    const woken = [...waiting, reported, init, interrupted];
    expect(run(woken).ends).toEqual([]);
    expect(run([...woken, result({ ...aborted, ...spontaneous })]).ends).toMatchObject([
      { outcome: 'interrupted', answer: 'I wait' },
    ]);
  });

  it('what a subagent does or asks opens no turn', () => {
    const asks = { subtype: 'can_use_tool', tool_name: 'Bash', input: {}, tool_use_id: 'toolu_2' };
    const lines = [
      { ...snapshot('s', 'Aside'), parent_tool_use_id: 'toolu_1' },
      { type: 'control_request', request_id: 'q', request: asks },
      {
        type: 'user',
        message: { content: [{ type: 'tool_result', tool_use_id: 'x' }] },
        parent_tool_use_id: 'toolu_1',
      },
    ];
    expect(run([init, result({}), ...lines]).state.isTurnOpen).toBe(false);
    expect(run([init, started, result({ result: 'I wait' }), ...lines, interrupted]).ends).toHaveLength(1);
  });

  it('what stderr said before a turn does not explain its end', () => {
    const stderr = { stream: 'stderr', text: 'Not logged in' } as const;
    const before = translate(run([init, result({})]).state, stderr).state;
    expect(before.diagnostics).not.toBe('');
    const { state } = translate(before, { stream: 'stdout', text: JSON.stringify(init) });
    expect(state.diagnostics).toBe('');
    expect(translate(state, stderr).state.diagnostics).toBe('Not logged in\n');
  });

  it('usage is counted by what the totals of the process have grown', () => {
    const totals = (tokens: number, cost: number) =>
      result({
        total_cost_usd: cost,
        modelUsage: {
          opus: { inputTokens: tokens, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 },
        },
      });
    const { events } = run([init, totals(10, 0.1), init, totals(10, 0.1), init, totals(25, 0.3)]);
    const recorded = events.flatMap((event) =>
      event.type === 'usage.recorded' ? [[event.data.inputTokens, event.data.costUsd]] : [],
    );
    expect(recorded).toEqual([
      [10, 0.1],
      [15, 0.2],
    ]);
  });
});

describe('the state', () => {
  it('stays small, however long the turn', () => {
    const lines: object[] = [init];
    for (let call = 0; call < 500; call += 1) {
      const id = `toolu_${call}`;
      const content = [
        { type: 'tool_use', id, name: 'Write', input: { file_path: '/f', content: 'x'.repeat(10_000) } },
      ];
      const parent_tool_use_id = call % 2 === 0 ? null : `toolu_parent_${call}`;
      lines.push({ type: 'assistant', message: { id: `m${call}`, model: 'opus', content }, parent_tool_use_id });
      lines.push({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: id, content: 'done' }] } });
    }
    lines.push(snapshot('last', 'y'.repeat(200_000)));
    expect(JSON.stringify(run(lines).state).length).toBeLessThan(64 * 1024 + 16 * 1024);
  });
});

const init = {
  type: 'system',
  subtype: 'init',
  session_id: 's',
  model: 'opus',
  permissionMode: 'default',
  slash_commands: ['compact'],
  claude_code_version: '2.1.197',
};

function messageStart(id: string): object {
  return streamEvent({
    type: 'message_start',
    message: { id, model: 'opus', usage: { input_tokens: 1, output_tokens: 1 } },
  });
}

function blockStart(index: number): object {
  return streamEvent({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
}

function textDelta(index: number, text: string): object {
  return streamEvent({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } });
}

function streamEvent(event: object): object {
  return { type: 'stream_event', event, parent_tool_use_id: null };
}

function snapshot(id: string, text: string): object {
  return {
    type: 'assistant',
    message: { id, model: 'opus', content: [{ type: 'text', text }] },
    parent_tool_use_id: null,
  };
}

function result(fields: object): object {
  return { type: 'result', subtype: 'success', is_error: false, total_cost_usd: 0, modelUsage: {}, ...fields };
}

interface Ran {
  readonly state: ClaudeState;
  readonly events: readonly NewEvent[];
  readonly intents: readonly Intent[];
  readonly ends: readonly Intent[];
  readonly unrecognised: number;
}

function run(lines: readonly object[]): Ran {
  let state = initialState();
  const events: NewEvent[] = [];
  const intents: Intent[] = [];
  let unrecognised = 0;
  for (const line of lines) {
    const translation = translate(state, { stream: 'stdout', text: JSON.stringify(line) });
    state = translation.state;
    events.push(...translation.events);
    intents.push(...translation.intents);
    if (!translation.isRecognised) unrecognised += 1;
  }
  return { state, events, intents, ends: intents.filter(({ type }) => type === 'turn_ended'), unrecognised };
}

function completed(events: readonly NewEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'message.completed') return [];
    const { messageId, content, isDiscarded } = event.data;
    const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    return [`${messageId} ${isDiscarded === true ? 'discarded' : text}`];
  });
}
