import { isInterrupt, refusal } from './stdin.ts';
import { describeToolCall, permissionFacts } from './tool-call.ts';
import { notUnderstood, reading, type Translator, understood } from './translation.ts';
import { commandsUpdate } from './commands.ts';
import { AnyControlRequestLine, ControlCancelLine, ControlRequestLine, ControlResponseLine } from './wire.ts';

/** The agent wants to be told something, and waits as long as it takes: what is not understood is refused, so that it goes on. */
export const controlRequest: Translator = (state, native) => {
  const answer = canUseTool(state, native);
  return answer.isRecognised ? answer : refused(state, native);
};

/** May it use a tool? Who has an answer remembers that there is a question, so nothing of it is kept here. */
const canUseTool = reading(ControlRequestLine, (state, { request_id: permissionId, request }) => {
  const { tool_name: tool, input: rawInput, tool_use_id: toolCallId = null } = request;
  const { title } = describeToolCall(tool, rawInput);
  return understood(
    state,
    [{ type: 'permission.requested', data: { permissionId, toolCallId, title, rawInput } }],
    [{ type: 'permission_requested', permissionId, rawInput, ...permissionFacts(tool, rawInput) }],
  );
});

/** Requests for what nobody here can do (dialogs of MCP servers, hooks, those of releases to come), and malformed ones. */
const refused = reading(AnyControlRequestLine, (state, { request_id: id, request }) => {
  const message = refusal(id, `Drover cannot answer this request (${request?.subtype ?? 'without a subtype'})`);
  return { ...notUnderstood(state), intents: [{ type: 'reply', message }] };
});

/** The agent takes its question back: the turn was interrupted while it waited. */
export const controlCancel = reading(ControlCancelLine, (state, { request_id: permissionId }) =>
  understood(
    state,
    [{ type: 'permission.resolved', data: { permissionId, decision: 'deny', by: 'agent' } }],
    [{ type: 'permission_withdrawn', permissionId }],
  ),
);

/** The answer to a request of ours; with `--replay-user-messages` also the echo of an answer of ours. */
export const controlResponse = reading(ControlResponseLine, (state, { response }) => {
  if (response.subtype === 'error') {
    const text = `Claude Code refused the request "${response.request_id}": ${response.error ?? 'it does not say why'}`;
    return understood(state, [{ type: 'agent.diagnostic', data: { text } }]);
  }
  if (state.awaiting !== null && !state.isTurnOpen && isInterrupt(response.request_id)) {
    // The main agent is at no work of its own, so no result will tell of the interruption.
    const message = 'Interrupted while subagents were at work';
    const conclusion = { ...state.awaiting, outcome: 'interrupted' as const, message };
    return understood({ ...state, awaiting: null, subagents: [] }, [], [{ type: 'turn_ended', ...conclusion }]);
  }
  const commands = response.response?.commands;
  return commands === undefined ? understood(state) : understood(...commandsUpdate(state, commands));
});
