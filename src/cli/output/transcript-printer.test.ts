import { describe, expect, it } from 'vitest';
import type { Event, NewEvent } from '../../contracts/events.ts';
import { Paper } from './paper.ts';
import { styleOf } from './style.ts';
import { TranscriptPrinter } from './transcript-printer.ts';

/** What a terminal gets for the events, one second apart. */
function print(events: readonly NewEvent[], { isTTY = false, withPrompts = false, env = {} } = {}): string {
  let printed = '';
  const output = { isTTY, write: (text: string | Uint8Array) => (printed += text.toString()) };
  const printer = new TranscriptPrinter(new Paper(output, styleOf(output, env)), { withPrompts });
  events.forEach((event, index) => {
    const at = new Date(Date.UTC(2026, 10, 21, 10, 0, index)).toISOString();
    printer.print({ seq: index + 1, prev: index, at, sessionId: 'ses_1', ...event } as Event);
  });
  return printed;
}

const text = (said: string) => ({ type: 'text' as const, text: said });
const says = (messageId: string, said: string): NewEvent => ({
  type: 'agent_message_chunk',
  data: { messageId, content: text(said) },
});
const thinks = (messageId: string, said: string): NewEvent => ({
  type: 'agent_thought_chunk',
  data: { messageId, content: text(said) },
});
const completes = (messageId: string, said: string, rest = {}): NewEvent => ({
  type: 'message.completed',
  data: { messageId, role: 'agent', content: [text(said)], ...rest },
});
const ends = (data: Partial<Extract<NewEvent, { type: 'run.ended' }>['data']> = {}): NewEvent => ({
  type: 'run.ended',
  data: { outcome: 'succeeded', reason: null, message: null, answer: 'Done', answerSource: 'result', ...data },
});

describe('messages', () => {
  it('are printed as they are said, and not again when they are complete', () => {
    expect(print([says('m1', 'Hel'), says('m1', 'lo'), completes('m1', 'Hello'), says('m2', 'Bye')])).toBe(
      'Hello\nBye',
    );
  });

  it('are printed whole where no piece of them was heard', () => {
    expect(print([completes('m1', 'Hello'), completes('m2', 'Bye')])).toBe('Hello\nBye');
  });

  it('are completed where only a part was heard', () => {
    expect(print([says('m1', 'Hel'), completes('m1', 'Hello')])).toBe('Hello');
  });

  it('are printed anew where the agent says them differently in the end, and marked where it takes them back', () => {
    expect(print([says('m1', 'Helo'), completes('m1', 'Hello')])).toBe(
      'Helo\n(the agent says this again, differently)\nHello',
    );
    expect(print([says('m1', 'Oops'), completes('m1', 'Oops', { isDiscarded: true })])).toBe(
      'Oops\n(the agent took this back)\n',
    );
  });

  it('keep apart what is thought and what is said', () => {
    expect(print([thinks('t', 'Hm'), says('m', 'Yes')], { isTTY: true })).toBe('\u001b[2mHm\u001b[22m\nYes');
  });
});

describe('tool calls', () => {
  it('are printed with their title, their diff and how they ended', () => {
    const printed = print([
      says('m1', 'I write'),
      { type: 'tool_call', data: { toolCallId: 't1', title: 'Write a.txt', kind: 'edit', status: 'in_progress' } },
      {
        type: 'tool_call_update',
        data: {
          toolCallId: 't1',
          status: 'completed',
          content: [{ type: 'diff', path: '/w/a.txt', oldText: 'one\ntwo\n', newText: 'one\n2\n' }],
        },
      },
    ]);
    expect(printed).toBe('I write\n● Write a.txt\n  /w/a.txt\n    one\n  - two\n  + 2\n  ✓ done\n');
  });

  it('are printed with what they put out, shortened', () => {
    const content = [{ type: 'content' as const, content: text('line\n'.repeat(40)) }];
    const printed = print([
      { type: 'tool_call', data: { toolCallId: 't1', title: 'npm test' } },
      { type: 'tool_call_update', data: { toolCallId: 't1', content } },
      { type: 'tool_call_update', data: { toolCallId: 't1', status: 'failed' } },
    ]);
    expect(printed.split('\n')).toHaveLength(16);
    expect(printed).toContain('  … 28 more lines\n  ✗ failed\n');
  });
});

describe('the end of a run', () => {
  it('says how it ended, how long it took and what it used', () => {
    const usage = {
      inputTokens: 1_000,
      cacheReadTokens: 200,
      cacheWriteTokens: 34,
      outputTokens: 56,
      costUsd: 0.0123,
      model: null,
      messageId: null,
    };
    expect(
      print([{ type: 'run.started', data: {} }, says('m', 'Hi'), { type: 'usage.recorded', data: usage }, ends()]),
    ).toBe('Hi\n✓ succeeded\n  3.0 s · 1,234 tokens in, 56 out · $0.0123\n');
  });

  it('prints the answer where nothing was said before, and tells that it is empty where it is', () => {
    expect(print([ends({ answer: 'The answer' })])).toContain('The answer\n✓ succeeded');
    expect(print([ends({ answer: '', answerSource: 'none' })])).toContain('(the answer is empty)\n✓ succeeded');
  });

  it('says why a run failed and what to do', () => {
    expect(
      print([ends({ outcome: 'failed', reason: 'auth_required', message: 'Log in with "claude"', answer: '' })]),
    ).toContain('✗ failed (auth_required): Log in with "claude"');
  });
});

describe('everything else', () => {
  it('is printed only where it matters', () => {
    const printed = print([
      { type: 'run.queued', data: { prompt: 'Do it' } },
      { type: 'session_info_update', data: { title: 'x' } },
      {
        type: 'plan',
        data: {
          entries: [
            { content: 'First', priority: 'low', status: 'pending' },
            { content: 'Second', priority: 'low', status: 'pending' },
          ],
        },
      },
      {
        type: 'plan',
        data: {
          entries: [
            { content: 'First', priority: 'low', status: 'completed' },
            { content: 'Second', priority: 'low', status: 'pending' },
          ],
        },
      },
      {
        type: 'model.retrying',
        data: { attempt: 1, maxAttempts: 10, delayMs: 517, httpStatus: 529, error: 'overloaded' },
      },
      { type: 'agent.output', data: { stream: 'stdout', text: 'garbage' } },
      { type: 'agent.diagnostic', data: { text: 'warning' } },
    ]);
    expect(printed).toBe(
      [
        '  ☐ First',
        '  ☐ Second',
        '  ☑ First',
        '! the model did not answer (529 overloaded); the agent tries again in 0.5 s, retry 1 of 10',
        'stdout │ garbage',
        'stderr │ warning\n',
      ].join('\n'),
    );
    expect(print([{ type: 'run.queued', data: { prompt: 'Do it' } }], { withPrompts: true })).toBe('> Do it\n');
  });

  it('tells how the run is controlled', () => {
    const printed = print([
      { type: 'run.edited', data: { prompt: 'Do that' } },
      { type: 'run.steered', data: { prompt: 'And the tests' } },
      { type: 'run.paused', data: { evidence: 'nothing runs' } },
      { type: 'run.resumed', data: {} },
      {
        type: 'run.limit_reached',
        data: { limit: 'silence', reason: 'inactivity_timeout', message: 'Silent for 5 minutes' },
      },
      { type: 'session.paused', data: {} },
      { type: 'session.resumed', data: {} },
      { type: 'run.moved', data: { before: null } },
    ]);
    expect(printed.split('\n')).toEqual([
      '> (changed) Do that',
      '> And the tests',
      '❚❚ paused',
      '▶ goes on',
      '! a limit is reached (silence), the run is stopped: Silent for 5 minutes',
      '❚❚ the session is paused: nothing new starts in it',
      '▶ the session goes on',
      '',
    ]);
  });

  it('tells how to answer what people are asked, and which rule decided the rest', () => {
    const asked = { permissionId: 'prm_1', toolCallId: null, title: 'Run git push' };
    const put = { ...asked, deadlineAt: '2026-11-21T10:05:00.000Z', otherwise: 'deny' } as const;
    expect(print([{ type: 'permission.requested', data: put }])).toBe(
      '? Run git push\n  allow it: drover approve prm_1 (deny it: --deny; without an answer in 5m 0s: deny)\n',
    );
    const rule = 'deny Bash (profile)';
    const answer = { permissionId: 'prm_1', decision: 'deny', by: 'policy', rule } as const;
    expect(
      print([
        { type: 'permission.requested', data: asked },
        { type: 'permission.resolved', data: answer },
      ]),
    ).toBe('? Run git push\n  denied by policy: deny Bash (profile)\n');
  });

  it('is inert, wherever an agent can put its text (ATTACKS 28)', () => {
    const evil = '\u001b]52;c;eA==\u0007\u009b2J\u202e\rx';
    const printed = print(
      [
        { type: 'run.queued', data: { prompt: evil } },
        says('m', evil),
        thinks('t', evil),
        completes('c', evil),
        { type: 'tool_call', data: { toolCallId: 't', title: evil } },
        {
          type: 'tool_call_update',
          data: {
            toolCallId: 't',
            title: `${evil}2`,
            status: 'completed',
            content: [
              { type: 'diff', path: evil, oldText: evil, newText: `${evil}2` },
              { type: 'content', content: text(evil) },
              { type: 'content', content: { type: 'image', data: '', mimeType: evil } },
              { type: 'content', content: { type: 'resource_link', uri: evil, name: evil } },
            ],
          },
        },
        { type: 'plan', data: { entries: [{ content: evil, priority: 'low', status: 'pending' }] } },
        { type: 'permission.requested', data: { permissionId: 'p', toolCallId: null, title: evil } },
        { type: 'permission.resolved', data: { permissionId: 'p', decision: 'deny', by: 'policy', rule: evil } },
        { type: 'run.steered', data: { prompt: evil } },
        { type: 'run.edited', data: { prompt: evil } },
        { type: 'run.limit_reached', data: { limit: 'total', reason: 'run_timeout', message: evil } },
        { type: 'model.retrying', data: { attempt: 1, maxAttempts: null, delayMs: 1, httpStatus: null, error: evil } },
        { type: 'rate_limit.reported', data: { status: evil, window: evil, resetsAt: null } },
        { type: 'auth.required', data: { message: evil } },
        { type: 'agent.output', data: { stream: 'stdout', text: evil } },
        { type: 'agent.diagnostic', data: { text: evil } },
        ends({ outcome: 'failed', reason: 'internal', message: evil, answer: evil }),
      ],
      { withPrompts: true },
    );
    expect(printed).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
    expect(printed.match(/␛\]52/g)?.length).toBeGreaterThanOrEqual(19);
  });

  it('is coloured only on a terminal whose user wants it', () => {
    const events = [ends()];
    expect(print(events, { isTTY: true })).toContain('\u001b[32m');
    expect(print(events, { isTTY: true, env: { NO_COLOR: '1' } })).not.toContain('\u001b');
    expect(print(events, { isTTY: true, env: { TERM: 'dumb' } })).not.toContain('\u001b');
    expect(print(events)).not.toContain('\u001b');
  });
});
