import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { NewEvent } from '../../contracts/events.ts';
import type { Intent, Line } from '../driver.ts';
import type { State } from './state.ts';
import { eventData } from '../../contracts/events.ts';
import { Rehearsal } from './program/rehearsal.ts';
import * as steps from './script.ts';
import { initialState, rememberedCharacters } from './state.ts';
import { translate } from './translate.ts';

/** What the real program says when it says everything that it can say. */
let recording: readonly Line[];

beforeAll(async () => {
  const { say, think, edit, run, plan, usage, permission, retry, rateLimit, end, fail, script } = steps;
  const cwd = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  await using agent = new Rehearsal({ cwd });
  agent.prompt(
    't1',
    script(
      think('hm', { chunks: 2 }),
      plan({ content: 'Look', priority: 'high', status: 'pending' }),
      edit('a.txt', { content: 'one' }),
      run('/bin/echo', 'hi'),
      permission('Go on?', { input: { path: 'x' }, tool: 'Shell', command: 'rm -r x', paths: ['x'] }),
      usage({ inputTokens: 7, model: 'm' }),
      retry('overloaded', { httpStatus: 529 }),
      rateLimit('rejected', { resetsAt: '2030-01-01T00:00:00Z' }),
      say('hello world', { chunks: 2 }),
    ),
  );
  const { id } = await agent.next('permission');
  agent.send({ type: 'permission_answer', id, decision: 'allow' });
  agent.prompt('t2', script(say('spoken'), end({ answer: '' })));
  agent.prompt('t3', script(fail('auth_required', 'Log in')));
  const { stdout } = await agent.end();
  recording = stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((text) => ({ stream: 'stdout', text }));
  rmSync(cwd, { recursive: true });
});

test('every line of the program becomes events that keep the contract', () => {
  const { events, unrecognised } = play(recording);
  expect(unrecognised).toEqual([]);
  for (const { type, data } of events) expect(eventData[type].strict().parse(data)).toEqual(data);
  expect(events.map(({ type }) => type)).toEqual([
    'native_session.opened',
    'agent_thought_chunk',
    'agent_thought_chunk',
    'message.completed',
    'plan',
    'tool_call',
    'tool_call_update',
    'tool_call',
    'tool_call_update',
    'tool_call_update',
    'permission.requested',
    'message.completed',
    'usage.recorded',
    'model.retrying',
    'rate_limit.reported',
    'agent_message_chunk',
    'agent_message_chunk',
    'message.completed',
    'agent_message_chunk',
    'message.completed',
    'auth.required',
  ]);
});

test('a message is told in chunks, then whole, under one id', () => {
  const { events } = play(recording);
  const chunks = events.filter((event) => event.type === 'agent_message_chunk').slice(0, 2);
  expect(chunks.map(({ data }) => data.content)).toEqual([
    { type: 'text', text: 'hello ' },
    { type: 'text', text: 'world' },
  ]);
  const whole = {
    messageId: chunks[0]?.data.messageId,
    role: 'agent',
    content: [{ type: 'text', text: 'hello world' }],
  };
  expect(events).toContainEqual({ type: 'message.completed', data: whole });
});

test('an edit has its difference and its place', () => {
  const edited = play(recording).events.find((event) => event.type === 'tool_call_update');
  expect(edited?.data).toMatchObject({
    status: 'completed',
    content: [{ type: 'diff', oldText: null, newText: 'one' }],
    locations: [{ path: expect.stringMatching(/^\/.*a\.txt$/) as string }],
  });
});

test('the supervisor hears of the session, of permissions and what policies go by, and of the end of each turn', () => {
  const { events, intents } = play(recording);
  const opened = events.find((event) => event.type === 'native_session.opened');
  const asked = events.find((event) => event.type === 'permission.requested');
  expect(intents).toEqual([
    { type: 'native_session_opened', nativeSessionId: opened?.data.nativeSessionId },
    {
      type: 'permission_requested',
      permissionId: asked?.data.permissionId,
      rawInput: asked?.data.rawInput,
      tool: 'Shell',
      command: 'rm -r x',
      paths: ['x'],
      isFullyKnown: true,
    },
    ended({ answer: 'hello world', answerSource: 'result' }),
    ended({ answer: 'spoken', answerSource: 'message' }),
    ended({ outcome: 'failed', reason: 'auth_required', message: 'Log in', answer: '', answerSource: 'none' }),
  ]);
});

test('a turn is open from its first line to its last', () => {
  const isOpenAfter = recording.map((_, index) => play(recording.slice(0, index + 1)).state.isTurnOpen);
  const closed = recording.filter((_, index) => isOpenAfter[index] === false);
  const types = closed.map(({ text }) => (JSON.parse(text) as { type: string }).type);
  expect(types).toEqual(['hello', 'turn_ended', 'turn_ended', 'turn_ended']);
});

test('a state that has been through JSON before every line makes the same of it', () => {
  expect(play(recording, (state) => JSON.parse(JSON.stringify(state)) as State)).toEqual(play(recording));
});

test('a translation changes nothing that it was given', () => {
  const freeze = (state: State) => Object.freeze(state);
  const frozen = recording.map((line) => Object.freeze(line));
  expect(play(frozen, freeze)).toEqual(play(recording));
});

test.each([
  ['no JSON', '{"type":"text'],
  ['no line of the protocol', '{"type":"dance"}'],
  ['a line with a field missing', '{"type":"text","id":"1"}'],
  ['the name of a built-in', '{"type":"__proto__"}'],
  ['nothing', ''],
  ['null', 'null'],
])('%s is not recognised and changes nothing', (_, text) => {
  const state: State = { isTurnOpen: true, lastMessage: 'before' };
  expect(translate(state, { stream: 'stdout', text })).toEqual({ state, events: [], intents: [], isRecognised: false });
});

test('what comes on stderr is a diagnostic, whatever it looks like', () => {
  const text = '{"type":"turn_ended","outcome":"succeeded","reason":null,"message":null,"answer":"ha"}';
  const { events, intents } = translate(initialState, { stream: 'stderr', text });
  expect({ events, intents }).toEqual({ events: [{ type: 'agent.diagnostic', data: { text } }], intents: [] });
});

test('a reason or kind that nobody knows does not cost the line', () => {
  const text = '{"type":"turn_ended","outcome":"failed","reason":"bad mood","message":null,"answer":""}';
  expect(translate(initialState, { stream: 'stdout', text }).intents).toMatchObject([{ reason: 'internal' }]);
});

test('of a very long message the state keeps only the beginning', () => {
  const text = JSON.stringify({ type: 'message_done', id: '1', role: 'agent', text: 'x'.repeat(1_000_000) });
  expect(translate(initialState, { stream: 'stdout', text }).state.lastMessage).toHaveLength(rememberedCharacters);
});

function play(lines: readonly Line[], between: (state: State) => State = (state) => state) {
  const events: NewEvent[] = [];
  const intents: Intent[] = [];
  const unrecognised: string[] = [];
  let state = initialState;
  for (const line of lines) {
    const translation = translate(between(state), line);
    state = translation.state;
    events.push(...translation.events);
    intents.push(...translation.intents);
    if (!translation.isRecognised) unrecognised.push(line.text);
  }
  return { state, events, intents, unrecognised };
}

function ended(differences: object) {
  return { type: 'turn_ended', outcome: 'succeeded', reason: null, message: null, ...differences };
}
