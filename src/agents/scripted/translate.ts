import type { NewEvent } from '../../contracts/events.ts';
import type { Intent, Line, Translation } from '../driver.ts';
import type { State } from './state.ts';
import { initialState, lastAnswer, remember } from './state.ts';
import { WireLine } from './wire.ts';

/** One line of the program, as events. Pure. */
export function translate(state: State, line: Line): Translation<State> {
  if (line.stream === 'stderr') return translated(state, [{ type: 'agent.diagnostic', data: { text: line.text } }]);
  const wireLine = parse(line.text);
  if (wireLine === null) return { ...translated(state), isRecognised: false };
  return translateWireLine(state, wireLine);
}

function translateWireLine(state: State, line: WireLine): Translation<State> {
  switch (line.type) {
    case 'hello':
      return hello(state, line);
    case 'turn_started':
      return translated({ ...initialState, isTurnOpen: true });
    case 'thinking':
      return translated(state, [{ type: 'agent_thought_chunk', data: chunk(line) }]);
    case 'text':
      return translated(state, [{ type: 'agent_message_chunk', data: chunk(line) }]);
    case 'message_done':
      return messageDone(state, line);
    case 'tool_started':
      return translated(state, [toolStarted(line)]);
    case 'tool_output':
      return translated(state, [toolOutput(line)]);
    case 'tool_done':
      return translated(state, [toolDone(line)]);
    case 'plan':
      return translated(state, [{ type: 'plan', data: { entries: line.entries } }]);
    case 'usage': {
      const { type: _, ...usage } = line;
      return translated(state, [{ type: 'usage.recorded', data: { ...usage, messageId: null } }]);
    }
    case 'permission':
      return permission(state, line);
    case 'retry': {
      const { type: _, ...retry } = line;
      return translated(state, [{ type: 'model.retrying', data: retry }]);
    }
    case 'rate_limit': {
      const { type: _, ...report } = line;
      return translated(state, [{ type: 'rate_limit.reported', data: report }]);
    }
    case 'turn_ended':
      return turnEnded(state, line);
  }
}

type LineOf<Type extends WireLine['type']> = Extract<WireLine, { type: Type }>;

function hello(state: State, { version, sessionId, resumed }: LineOf<'hello'>): Translation<State> {
  const data = { nativeSessionId: sessionId, isResumed: resumed, model: null, agentVersion: version };
  return translated(
    state,
    [{ type: 'native_session.opened', data }],
    [{ type: 'native_session_opened', nativeSessionId: sessionId }],
  );
}

function chunk({ id, text }: LineOf<'text' | 'thinking'>) {
  return { messageId: id, content: content(text) };
}

function messageDone(state: State, { id, role, text }: LineOf<'message_done'>): Translation<State> {
  return translated(role === 'agent' ? remember(state, text) : state, [
    { type: 'message.completed', data: { messageId: id, role, content: [content(text)] } },
  ]);
}

function toolStarted({ id, title, kind, input }: LineOf<'tool_started'>): NewEvent {
  return { type: 'tool_call', data: { toolCallId: id, title, kind, status: 'in_progress', rawInput: input } };
}

function toolOutput({ id, text }: LineOf<'tool_output'>): NewEvent {
  return {
    type: 'tool_call_update',
    data: { toolCallId: id, content: [{ type: 'content', content: content(text) }] },
  };
}

function toolDone({ id, ok, diff }: LineOf<'tool_done'>): NewEvent {
  const changed = diff && { content: [{ type: 'diff' as const, ...diff }], locations: [{ path: diff.path }] };
  return { type: 'tool_call_update', data: { toolCallId: id, status: ok ? 'completed' : 'failed', ...changed } };
}

function permission(state: State, line: LineOf<'permission'>): Translation<State> {
  const { id: permissionId, title, input: rawInput, tool = title, command = null, paths = [] } = line;
  return translated(
    state,
    [{ type: 'permission.requested', data: { permissionId, toolCallId: null, title, rawInput } }],
    [{ type: 'permission_requested', permissionId, rawInput, tool, command, paths, isFullyKnown: true }],
  );
}

function turnEnded(state: State, { outcome, reason, message, answer }: LineOf<'turn_ended'>): Translation<State> {
  const given = answer === '' ? lastAnswer(state) : ({ answer, answerSource: 'result' } as const);
  return translated(
    initialState,
    reason === 'auth_required' ? [{ type: 'auth.required', data: { message: message ?? 'Log in again.' } }] : [],
    [{ type: 'turn_ended', outcome, reason, message, ...given }],
  );
}

function content(text: string) {
  return { type: 'text' as const, text };
}

function translated(
  state: State,
  events: readonly NewEvent[] = [],
  intents: readonly Intent[] = [],
): Translation<State> {
  return { state, events, intents, isRecognised: true };
}

/** The one line that comes by the thousand need not go through the whole schema. */
function isText(value: unknown): value is LineOf<'text'> {
  const { type, id, text } = (value ?? {}) as Partial<Record<string, unknown>>;
  return type === 'text' && typeof id === 'string' && typeof text === 'string';
}

function parse(text: string): WireLine | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isText(value) ? value : (WireLine.safeParse(value).data ?? null);
  } catch {
    return null;
  }
}
