import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { claudeDriver } from '../../src/agents/claude/driver.ts';
import type { ClaudeState } from '../../src/agents/claude/state.ts';
import type { Conclusion, Driver, Intent, Translation } from '../../src/agents/driver.ts';
import { replayAll, type Replayed } from '../../src/agents/replay.ts';
import { foldTranscript } from '../../src/client/transcript.ts';
import type { Event, EventData, NewEvent } from '../../src/contracts/events.ts';
import type { SessionId } from '../../src/contracts/ids.ts';
import { exerciseDriver } from './exercise-driver.ts';
import { type RecordedRun, recordingsOf } from './recordings.ts';

const recordings = recordingsOf('claude');

/**
 * How each recorded run ended, judged by hand from what was asked of it. `turns` is told where it is not 1; `answer` where it is
 * not the result's own text.
 */
const verdicts: Readonly<Record<string, string>> = {
  // Other output formats, and what never starts
  text: 'failed no_terminal_event, said, 0 turns',
  json: 'succeeded',
  badflag: 'failed invalid_request, silent, 0 turns',
  noprompt: 'failed invalid_request, silent, 0 turns',
  'streamjson-noverbose': 'failed invalid_request, silent, 0 turns',
  'bash-bypassmode': 'failed permission_denied, silent, 0 turns',
  'bash-skip': 'failed permission_denied, silent, 0 turns',
  badstdin: 'failed invalid_request, silent, 0 turns',
  'resume-unknown': 'failed session_not_found, silent',
  'resume-bad': 'failed session_not_found, silent',

  // Answers, tools and permissions: a tool that fails or is denied is no failure of the turn
  ok: 'succeeded',
  authtoken: 'succeeded',
  think: 'succeeded',
  empty: 'succeeded, silent',
  nopersist: 'succeeded',
  sessionid: 'succeeded',
  res1: 'succeeded',
  res2: 'succeeded',
  'res3-fork': 'succeeded',
  'res5-continue': 'succeeded',
  'resume-after-kill': 'succeeded',
  'bash-allowed': 'succeeded',
  'bash-auto': 'succeeded',
  'bash-default': 'succeeded',
  'bash-dontask': 'succeeded',
  'bash-plan': 'succeeded',
  'bash-skip-sandbox': 'succeeded',
  bashfail: 'succeeded',
  bgproc: 'succeeded',
  'mcp-add': 'succeeded',
  'mcp-allow': 'succeeded',
  'write-accept': 'succeeded',
  'write-acceptp': 'succeeded',
  'write-default': 'succeeded',
  'drv-text': 'succeeded',
  'drv-think': 'succeeded',
  'drv-blocks': 'succeeded',
  'drv-bash': 'succeeded',
  'drv-bash-auto': 'succeeded',
  'drv-bash-deny': 'succeeded',
  'drv-bash-fail': 'succeeded',
  'drv-edit': 'succeeded',
  'drv-edit-unread': 'succeeded',
  'drv-write': 'succeeded',
  'drv-two-tools': 'succeeded',
  'drv-plan': 'succeeded',
  'drv-todo': 'succeeded',
  'drv-todo-enabled': 'succeeded',
  'drv-exit-plan': 'succeeded',
  'drv-ask-question': 'succeeded',
  'drv-330-bash-deny': 'succeeded',
  'drv-330-edit': 'succeeded',

  // Subagents and background commands; their end wakes the agent for a turn that nobody prompted, which is not counted
  wake: 'succeeded, 2 turns',
  'drv-subagent': 'succeeded',
  'drv-subagent-two': 'succeeded',
  'drv-subagent-perm': 'succeeded',
  'drv-subagent-bg': 'succeeded',
  'drv-330-subagent': 'succeeded',

  // Both directions
  'bidi-allow': 'succeeded',
  'bidi-deny': 'succeeded',
  'bidi-denystop': 'interrupted, said',
  'bidi-interrupt': 'interrupted, said',
  'bidi-intr-tool': 'interrupted, silent',
  'bidi-noanswer': 'succeeded',
  'bidi-noinit': 'succeeded',
  'bidi-setmode': 'succeeded',
  'bidi-two': 'succeeded, 2 turns',
  'bidi-queue': 'failed agent_crashed, silent, 2 turns',
  'drv-interrupt': 'succeeded, 2 turns',
  'drv-interrupt-tool': 'interrupted, said',
  'drv-interrupt-permission': 'interrupted, said',
  'drv-330-interrupt': 'succeeded, 2 turns',
  'drv-330-interrupt-permission': 'interrupted, said',

  // Turn after turn in one process
  'two-interrupt-idle': 'succeeded, 2 turns',
  'two-interrupt': 'succeeded, 2 turns',
  'two-interrupt-early': 'succeeded, 3 turns',
  'two-wake-interrupt': 'succeeded, 2 turns',
  'two-subagent-interrupt': 'succeeded, 2 turns',
  'two-woken-interrupt': 'succeeded, 2 turns',
  'two-both-interrupt': 'succeeded, 2 turns',
  'two-permission-interrupt': 'succeeded, 2 turns',
  'two-error': 'succeeded, 2 turns',
  'two-clear': 'succeeded, 3 turns',
  'two-cron': 'succeeded, 2 turns',
  'two-cron-fold': 'succeeded, 2 turns',

  // The model fails
  nokey: 'failed auth_required, silent',
  'e401-r0': 'failed auth_required, silent',
  'drv-e401': 'failed auth_required, silent',
  e403: 'failed auth_required, silent',
  'oauth-403': 'failed auth_required, silent',
  e400: 'failed context_overflow, silent',
  'e400-other': 'failed invalid_request, silent',
  'e400-tools': 'failed session_poisoned, silent',
  refusal: 'failed invalid_request, said',
  e402: 'failed billing, silent',
  e404: 'failed model_not_found, silent',
  e413: 'failed context_overflow, silent',
  e429quota: 'failed rate_limited, silent',
  'oauth-429': 'failed rate_limited, silent',
  'oauth-quota': 'failed rate_limited, silent',
  'oauth-ok': 'succeeded',
  warnquota: 'succeeded',
  e429once: 'succeeded',
  e529once: 'succeeded',
  'drv-e529-once': 'succeeded',
  e500: 'failed model_unreachable, silent',
  e503: 'failed overloaded, silent',
  e529: 'failed overloaded, silent',
  'e529-r0': 'failed overloaded, silent',
  'e529-r2': 'failed overloaded, silent',
  'drv-e529': 'failed overloaded, silent',
  'drv-330-e529': 'failed overloaded, silent',
  refused: 'failed model_unreachable, silent',
  'hang-r1': 'failed model_unreachable, silent',
  malformed: 'failed model_unreachable, silent',
  'drv-malformed': 'failed model_unreachable, silent',
  maxtok: 'failed output_limit, said',
  maxturns: 'failed max_turns, said',
  maxbudget: 'failed budget_exceeded, silent',

  // Streams that break: repeated in silence before the first whole block, given up after it (2.1.330 goes on instead)
  cut: 'succeeded',
  sseerror: 'succeeded',
  'hangmid-default': 'succeeded',
  'hangmid-wd2': 'succeeded',
  'drv-cut-start': 'succeeded',
  'drv-cut-partial': 'succeeded',
  'drv-cut-think': 'succeeded',
  'drv-cut-partial-tool': 'succeeded',
  'drv-sse-error': 'succeeded',
  'drv-stall-release': 'succeeded',
  'drv-330-cut-partial': 'succeeded',
  'drv-330-cut-after-block': 'succeeded',
  'drv-330-cut-partial-tool': 'succeeded',
  'drv-330-sse-error': 'succeeded',
  'cut-nofb': 'failed model_unreachable, silent',
  'drv-cut-nofallback': 'failed model_unreachable, silent',
  'drv-cut-after-block': 'failed model_unreachable, said',
  'drv-cut-in-tool': 'failed model_unreachable, said',

  // Signals: 124 is the recorder's own `timeout`
  'hangmid-bytewd': 'failed agent_crashed, silent, 0 turns',
  sigint: 'interrupted, said',
  'sigint-tool': 'interrupted, silent',
  sigkill: 'failed agent_crashed, silent, 0 turns',
  'sigkill-tool': 'failed agent_crashed, silent, 0 turns',
  sigquit: 'failed agent_crashed, silent, 0 turns',
  sigstop: 'succeeded',
  sigterm: 'failed agent_crashed, silent, 0 turns',
  'sigterm-early': 'failed agent_crashed, silent, 0 turns',
  'sigterm-hang': 'failed agent_crashed, silent, 0 turns',
};

describe('the recordings of Claude Code', () => {
  it('are all judged', () => {
    expect(recordings.map(({ name }) => name).toSorted()).toEqual(Object.keys(verdicts).toSorted());
  });

  describe.each(recordings)('$name', (recording) => {
    it('is understood line by line, and ends as it did', async () => {
      const replayed = await replay(recording);
      expect(replayed.unrecognised).toBe(0);
      expect(verdictOf(replayed)).toBe(verdicts[recording.name]);
      expect(replayed.outcome === 'succeeded').toBe(replayed.message === null);
    });

    it('makes the same events wherever the bytes are cut, and over a death of the server after any line', async () => {
      const whole = await replay(recording);
      const bytes = readFileSync(recording.stdout);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(bytes.length), { minLength: 1, maxLength: 40 }), async (cuts) => {
          const { stderr, exit } = recording;
          const replayed = await replayAll(surviving(claudeDriver), { stdout: cutAt(bytes, cuts), stderr, exit });
          expect(replayed).toEqual(whole);
        }),
        { numRuns: 5 },
      );
    });

    it('tells no event after a message that contradicts it: each is complete once, and its chunks come before', async () => {
      const { events } = await replay(recording);
      const completed = new Set<string>();
      for (const { type, data } of events) {
        if (type !== 'message.completed' && type !== 'agent_message_chunk' && type !== 'agent_thought_chunk') continue;
        expect(completed).not.toContain(data.messageId);
        if (type === 'message.completed') completed.add(data.messageId);
      }
    });
  });
});

describe('usage', () => {
  // Input, output, cost; the model server counts 100 and 20 a request and tells 1 of the 20 at a message's start.
  it.each([
    ['ok', 100, 20, 0.001],
    ['write-acceptp', 200, 40, 0.002],
    ['bidi-two', 400, 80, 0.004],
    ['bidi-queue', 200, 40, 0.002],
    // The turn that was interrupted was told as far as it was seen, and its result knows of nothing.
    ['two-interrupt', 200, 21, 0.001],
    ['two-clear', 200, 40, 0.002],
    // Three streams broke before the answer; only the result tells of them.
    ['sseerror', 400, 23, 0.002575],
    ['maxtok', 400, 80, 0.004],
    // A subagent's last answer is printed by nobody.
    ['drv-subagent', 400, 80, 0.004],
    // The stream that broke is not in the process's own totals, nor is it here.
    ['drv-cut-partial', 100, 20, 0.001],
    ['drv-330-sse-error', 100, 20, 0.0008],
    ['drv-330-cut-after-block', 200, 28, 0.00136],
    // Interrupted or killed: what was seen was used, though no result knows of it.
    ['bidi-interrupt', 100, 1, 0],
    ['drv-interrupt', 200, 21, 0.001],
    ['sigkill-tool', 100, 20, 0],
    ['e401-r0', 0, 0, 0],
  ])('of "%s" is %d in, %d out, %d dollars', async (name, input, output, costUsd) => {
    const { events } = await replay(named(name));
    const { usage } = foldTranscript(logged(events));
    expect([usage.inputTokens, usage.outputTokens]).toEqual([input, output]);
    expect(usage.costUsd).toBeCloseTo(costUsd, 9);
  });

  it('is never taken back', async () => {
    for (const recording of recordings) {
      for (const { type, data } of (await replay(recording)).events) {
        if (type !== 'usage.recorded') continue;
        const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = data;
        expect(Math.min(inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd)).toBeGreaterThanOrEqual(
          0,
        );
      }
    }
  });
});

describe('a process that takes turn after turn', () => {
  const first = { outcome: 'succeeded', answer: 'First.' };
  const second = { outcome: 'succeeded', answer: 'Second.' };

  it.each([
    // An interrupt that meets no turn is answered, and that is all.
    ['two-interrupt-idle', [first, second]],
    // The interrupt and the next prompt came in one piece.
    ['two-interrupt', [{ outcome: 'interrupted', answer: 'one two' }, second]],
    // It came right behind the prompt, before the model had been asked.
    ['two-interrupt-early', [first, { outcome: 'interrupted', answerSource: 'none' }, second]],
    ['two-permission-interrupt', [{ outcome: 'interrupted' }, { outcome: 'succeeded', answer: 'Answer two.' }]],
    // It met a turn that nobody prompted, in front of the one that it was meant for: that one is not ours, and ours goes on.
    [
      'two-wake-interrupt',
      [
        { outcome: 'succeeded', answer: 'turn 1' },
        { outcome: 'succeeded', answer: 'turn two' },
      ],
    ],
    // Its own result had come, only a subagent was at work.
    ['two-subagent-interrupt', [{ outcome: 'interrupted', answer: 'I wait.' }, { answer: 'Answer two.' }]],
    // A subagent's report had woken it, and what it made of that was interrupted.
    ['two-woken-interrupt', [{ outcome: 'interrupted', answer: 'Woken a' }, { answer: 'Answer two.' }]],
    ['two-both-interrupt', [{ outcome: 'interrupted', answer: 'I talk' }, { answer: 'Answer two.' }]],
    // The agent had set itself an hour, at which it began a turn; the prompt came while it streamed, …
    ['two-cron', [{ answer: 'Said 1.' }, { answer: 'Said 3.' }]],
    // … or while a tool ran, and was taken up in that turn.
    ['two-cron-fold', [{ answer: 'Said 1.' }, { answer: 'Said 3.' }]],
    [
      'two-error',
      [
        { outcome: 'failed', reason: 'auth_required' },
        { outcome: 'succeeded', answer: 'Good.' },
      ],
    ],
  ])('%s: each result ends the turn that it belongs to', (name, turns) => {
    expect(turnsOf(named(name))).toMatchObject(turns);
    expect(turnsOf(named(name))).toHaveLength(turns.length);
  });

  it.each(recordings.filter(({ name }) => name.startsWith('two-')))(
    '$name: between two turns nothing is left of the last one',
    ({ lines }) => {
      let state = claudeDriver.initialState();
      const between: ClaudeState[] = [];
      for (const line of lines) {
        const translation = claudeDriver.translate(state, line);
        state = translation.state;
        if (translation.intents.some(({ type }) => type === 'turn_ended')) between.push(state);
      }
      for (const after of [...between, state]) {
        expect(claudeDriver.isTurnOpen?.(after)).toBe(false);
        expect(after).toMatchObject({
          said: '',
          report: null,
          tools: {},
          awaiting: null,
          subagents: [],
        });
        expect(after.usage.counted).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });
      }
    },
  );

  it('two-woken-interrupt: what is said before the result is said within the turn', () => {
    const types = tellingOf(named('two-woken-interrupt'));
    expect(types.indexOf('turn_ended')).toBeGreaterThan(types.indexOf('Woken a'));
  });

  it('two-permission-interrupt: the question is taken back', () => {
    const intents = intentsOf(named('two-permission-interrupt'));
    const [asked, withdrawn] = intents.filter(({ type }) => type.startsWith('permission_'));
    expect(asked).toMatchObject({
      type: 'permission_requested',
      tool: 'Bash',
      command: 'python3 -c "print(1)"',
      paths: [],
    });
    expect(withdrawn).toEqual({
      type: 'permission_withdrawn',
      permissionId: asked?.type === 'permission_requested' ? asked.permissionId : '',
    });
  });

  it('two-clear: the agent goes on in another session of its own, and says so', async () => {
    const { events } = await replay(named('two-clear'));
    const opened = events.flatMap((event) =>
      event.type === 'native_session.opened' ? [event.data.nativeSessionId] : [],
    );
    expect(new Set(opened).size).toBe(2);
  });
});

describe('what the recordings amount to', () => {
  it('bidi-two: two turns, each answered once', async () => {
    expect(await said('bidi-two')).toEqual(['Writing.', 'Done: write.', 'Writing.', 'Done: write.']);
    const ends = turnsOf(named('bidi-two'));
    expect(ends.map(({ answer }) => answer)).toEqual(['Done: write.', 'Done: write.']);
  });

  it('wake: the turn that a background command starts ends no run of ours', async () => {
    expect(turnsOf(named('wake')).map(({ answer }) => answer)).toEqual(['turn 1', 'turn 3']);
    expect(await said('wake')).toEqual(['turn 1', 'turn 2', 'turn 3']);
  });

  it.each([
    ['drv-subagent-bg', 'Main answer 3.'],
    ['drv-330-subagent', 'The helper says five.'],
  ])('%s: a turn whose subagents work on in the background ends when they have reported', (name, answer) => {
    expect(turnsOf(named(name)).map((turn) => turn.answer)).toEqual([answer]);
    const { lines } = named(name);
    const report = lines.findIndex(({ text }) => text.includes('"subtype":"task_notification"'));
    expect(turnsOf({ ...named(name), lines: lines.slice(0, report) })).toEqual([]);
  });

  it('drv-subagent-bg: while only subagents work, an interrupt ends the turn with what was answered', () => {
    const { lines } = named('drv-subagent-bg');
    const report = lines.findIndex(({ text }) => text.includes('"subtype":"task_notification"'));
    const response = { subtype: 'success', request_id: 'turn-1-interrupt' };
    const text = JSON.stringify({ type: 'control_response', response });
    const interrupted = [...lines.slice(0, report), { stream: 'stdout' as const, text }];
    expect(turnsOf({ ...named('drv-subagent-bg'), lines: interrupted })).toMatchObject([
      { outcome: 'interrupted', answer: 'Main answer 2.' },
    ]);
  });

  it.each(['drv-cut-partial', 'drv-cut-think', 'drv-sse-error', 'drv-330-sse-error', 'drv-330-cut-partial'])(
    '%s: an answer whose stream broke is shown once',
    async (name) => {
      const messages = (await said(name)).filter((text) => text !== '');
      expect(new Set(messages).size).toBe(messages.length);
      expect(messages.at(-1)).toBe((await replay(named(name))).answer);
      expect(messages.filter((text) => text.startsWith('This text')).length).toBe(1);
    },
  );

  it('think: the thought comes before the answer, as a message of its own', async () => {
    const { items } = foldTranscript(logged((await replay(named('think'))).events));
    expect(items).toMatchObject([
      { role: 'thought', text: 'Let me think about it.', messageId: 'msg_000000000000000000000008:0' },
      { role: 'agent', text: 'Thought and answered.', messageId: 'msg_000000000000000000000008:1' },
    ]);
  });

  it('drv-edit: the diff is the hunk that was applied', async () => {
    const { items } = foldTranscript(logged((await replay(named('drv-edit'))).events));
    expect(items.find((item) => item.type === 'tool_call' && item.kind === 'edit')).toMatchObject({
      title: 'Edit /work/space/notes.txt',
      status: 'completed',
      locations: [{ path: '/work/space/notes.txt', line: 1 }],
      content: [
        {
          type: 'diff',
          oldText: 'alpha\nbeta\ngamma\ndelta\nepsilon',
          newText: 'alpha\nbeta\nGAMMA\nand a half\ndelta\nepsilon',
        },
      ],
    });
  });

  it('drv-subagent: what a subagent does hangs under the call that started it', async () => {
    const { items } = foldTranscript(logged((await replay(named('drv-subagent'))).events));
    const read = items.find((item) => item.type === 'tool_call' && item.kind === 'read');
    const agent = items.find((item) => item.type === 'tool_call' && item.kind === 'think');
    expect(agent?.type === 'tool_call' && agent.toolCallId).toBe(read?.parentToolCallId);
  });

  it.each([
    ['drv-plan', [{ content: 'Look at the code', status: 'completed' }]],
    ['drv-todo-enabled', [{ content: expect.any(String) as string }]],
  ])('%s: the plan is what the results say', async (name, entries) => {
    const { plan } = foldTranscript(logged((await replay(named(name))).events));
    expect(plan.slice(0, 1)).toMatchObject(entries);
  });

  it('drv-interrupt-permission: the question that nobody answered is resolved by the agent', async () => {
    const { permissions } = foldTranscript(logged((await replay(named('drv-interrupt-permission'))).events));
    expect(permissions).toMatchObject([{ decision: 'deny', by: 'agent' }]);
  });

  it('oauth-quota: the moment of the reset is told', async () => {
    const { events } = await replay(named('oauth-quota'));
    expect(events.find(({ type }) => type === 'rate_limit.reported')?.data).toEqual({
      status: 'rejected',
      window: 'five_hour',
      resetsAt: '2026-11-21T11:03:07.000Z',
    });
  });

  it('e529: each retry of the model is told', async () => {
    const { events } = await replay(named('e529'));
    expect(events.filter(({ type }) => type === 'model.retrying')).toMatchObject([
      { data: { attempt: 1, maxAttempts: 10, httpStatus: 529, error: 'overloaded' } },
      { data: { attempt: 2, maxAttempts: 10, httpStatus: 529, error: 'overloaded' } },
    ]);
  });

  it('res2: the session is known to be the one that was reopened', async () => {
    const opened = async (nativeSessionId: string) => {
      const { stdout } = named('res2');
      const { events } = await replayAll(claudeDriver, { stdout, nativeSessionId });
      return events.find(({ type }) => type === 'native_session.opened')?.data;
    };
    expect(await opened('e5aeb585-1bb8-4c2c-a96d-33e3d8f5c84f')).toMatchObject({ isResumed: true });
    expect(await opened('another')).toMatchObject({ isResumed: false });
  });

  it('e401-r0: the user is told how to log in', async () => {
    const { events, message } = await replay(named('e401-r0'));
    expect(message).toMatch(/^Invalid API key · Fix external API key\. Run `claude \/login`.*ANTHROPIC_API_KEY/);
    expect(events).toContainEqual({ type: 'auth.required', data: { message } });
  });
});

exerciseDriver(claudeDriver, {
  options: {
    command: '/usr/bin/claude',
    model: 'opus',
    permissionMode: 'acceptEdits',
    appendSystemPrompt: 'Be kind.',
    maxTurns: 3,
    env: { ANTHROPIC_API_KEY: 'sk-secret' },
    args: ['--ide'],
  },
  secrets: ['sk-secret'],
  recordings: new Map(recordings.map(({ name, lines }) => [name, lines])),
});

function replay({ stdout, stderr, exit }: RecordedRun): Promise<Replayed> {
  return replayAll(claudeDriver, { stdout, stderr, exit });
}

function named(name: string): RecordedRun {
  const found = recordings.find((recording) => recording.name === name);
  if (found === undefined) throw new Error(`There is no recording "${name}"`);
  return found;
}

function verdictOf({ outcome, reason, answerSource, turns }: Replayed): string {
  const why = reason === null ? outcome : `${outcome} ${reason}`;
  const answer = { result: '', message: ', said', none: ', silent' }[answerSource];
  return `${why}${answer}${turns === 1 ? '' : `, ${turns} turns`}`;
}

async function said(name: string): Promise<string[]> {
  const { items } = foldTranscript(logged((await replay(named(name))).events));
  return items.flatMap((item) =>
    item.type === 'message' && item.role === 'agent' && !item.isDiscarded ? [item.text] : [],
  );
}

function turnsOf(recording: Pick<RecordedRun, 'lines'>): Conclusion[] {
  return intentsOf(recording).flatMap((intent) => (intent.type === 'turn_ended' ? [intent] : []));
}

function intentsOf(recording: Pick<RecordedRun, 'lines'>): Intent[] {
  return translationsOf(recording).flatMap(({ intents }) => intents);
}

/** Whole messages by their text and intents by their type, in their order. */
function tellingOf(recording: Pick<RecordedRun, 'lines'>): string[] {
  return translationsOf(recording).flatMap(({ events, intents }) => [
    ...events.flatMap((event) => (event.type === 'message.completed' ? [textOf(event.data.content)] : [])),
    ...intents.map(({ type }) => type),
  ]);
}

function textOf(content: EventData<'message.completed'>['content']): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function translationsOf({ lines }: Pick<RecordedRun, 'lines'>): Translation<ClaudeState>[] {
  let state = claudeDriver.initialState();
  return lines.map((line) => {
    const translation = claudeDriver.translate(state, line);
    state = translation.state;
    return translation;
  });
}

/** The driver, with a server that dies before every line. */
function surviving(driver: Driver<ClaudeState>): Driver<ClaudeState> {
  return {
    ...driver,
    translate: (state, line) => driver.translate(JSON.parse(JSON.stringify(state)) as ClaudeState, line),
  };
}

async function* cutAt(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

function logged(events: readonly NewEvent[]): Event[] {
  const sessionId = 'ses_0' as SessionId;
  const at = new Date(0).toISOString();
  return events.map((event, index) => ({ ...event, seq: index + 1, prev: index, at, sessionId }));
}
