import { z } from 'zod';
import type { NewEvent } from '../../contracts/events.ts';
import type { Intent } from '../driver.ts';
import { commandsUpdate } from './commands.ts';
import { inTurn } from './state.ts';
import { notUnderstood, reading, silent, type Translator, understood } from './translation.ts';
import { ApiRetryLine, CommandsChangedLine, InitLine, StatusLine, TaskEndedLine, TaskStartedLine } from './wire.ts';

/** What the program says of itself. */
export const system: Translator = (state, native) => {
  const { success, data } = Subtype.safeParse(native);
  const translate = success ? subtypes.get(data.subtype) : undefined;
  return translate === undefined ? notUnderstood(state) : translate(state, native);
};

const Subtype = z.object({ subtype: z.string() });

/**
 * Comes with every turn, so only what is new makes an event. Its permission mode counts once: it goes on naming the mode the process
 * was started with when another was set since (seen with 2.1.197); changes come with `status`.
 */
const init = reading(InitLine, (before, line) => {
  // What stderr said before this turn explains no end of it.
  let state = before.isTurnOpen || before.diagnostics === '' ? inTurn(before) : inTurn({ ...before, diagnostics: '' });
  const events: NewEvent[] = [];
  const intents: Intent[] = [];
  if (state.sessionId !== line.session_id) {
    const nativeSessionId = line.session_id;
    const isResumed = nativeSessionId === state.reopened;
    state = { ...state, sessionId: nativeSessionId };
    const model = line.model ?? null;
    const agentVersion = line.claude_code_version ?? null;
    events.push({ type: 'native_session.opened', data: { nativeSessionId, isResumed, model, agentVersion } });
    intents.push({ type: 'native_session_opened', nativeSessionId });
  }
  if (state.mode === null && line.permissionMode) {
    state = { ...state, mode: line.permissionMode };
    events.push({ type: 'current_mode_update', data: { currentModeId: line.permissionMode } });
  }
  if (!state.hasCommands && line.slash_commands.length > 0) {
    const named = line.slash_commands.map((name) => ({ name, description: '' }));
    const [next, update] = commandsUpdate(state, named);
    state = next;
    events.push(...update);
  }
  return understood(state, events, intents);
});

const status = reading(StatusLine, (state, { permissionMode }) => {
  if (!permissionMode || permissionMode === state.mode) return understood(state);
  return understood({ ...state, mode: permissionMode }, [
    { type: 'current_mode_update', data: { currentModeId: permissionMode } },
  ]);
});

const apiRetry = reading(ApiRetryLine, (state, line) =>
  understood(state, [
    {
      type: 'model.retrying',
      data: {
        attempt: line.attempt,
        maxAttempts: line.max_retries ?? null,
        delayMs: line.retry_delay_ms,
        httpStatus: line.error_status ?? null,
        error: line.error ?? 'unknown',
      },
    },
  ]),
);

const commandsChanged = reading(CommandsChangedLine, (state, { commands }) =>
  understood(...commandsUpdate(state, commands)),
);

/** Commands that the agent leaves in the background are tasks too; they may never end, so nobody waits for them. */
const taskStarted = reading(TaskStartedLine, (state, { task_id: id, task_type: type }) =>
  understood(type === 'local_agent' ? { ...state, subagents: [...state.subagents, id] } : state),
);

const taskEnded = reading(TaskEndedLine, (state, { task_id: id }) =>
  understood({ ...state, subagents: state.subagents.filter((subagent) => subagent !== id) }),
);

/** The output of a local slash command such as `/context`, shown where the agent would have answered. */
const localOutput = reading(z.object({ content: z.string(), uuid: z.string() }), (state, { content, uuid }) =>
  understood(state, [
    {
      type: 'message.completed',
      data: { messageId: uuid, role: 'agent', content: [{ type: 'text', text: content }] },
    },
  ]),
);

const informational = notice(z.object({ content: z.string() }).transform(({ content }) => content));
const notification = notice(z.object({ text: z.string() }).transform(({ text }) => text));
const mirrorError = notice(z.object({ error: z.string() }).transform(({ error }) => error));

function notice(text: z.ZodType<string>): Translator {
  return reading(text, (state, words) => understood(state, [{ type: 'agent.diagnostic', data: { text: words } }]));
}

const subtypes: ReadonlyMap<string, Translator> = new Map(
  Object.entries<Translator>({
    init,
    status,
    api_retry: apiRetry,
    commands_changed: commandsChanged,
    local_command_output: localOutput,
    informational,
    notification,
    mirror_error: mirrorError,
    // Progress, and what other lines tell as well.
    thinking_tokens: silent,
    compact_boundary: silent,
    session_state_changed: silent,
    permission_denied: silent,
    task_started: taskStarted,
    task_progress: silent,
    task_updated: silent,
    task_notification: taskEnded,
    background_tasks_changed: silent,
    control_request_progress: silent,
    worker_shutting_down: silent,
    hook_started: silent,
    hook_progress: silent,
    hook_response: silent,
    files_persisted: silent,
    memory_recall: silent,
    plugin_install: silent,
    elicitation_complete: silent,
    model_refusal_fallback: silent,
    model_refusal_no_fallback: silent,
  }),
);
