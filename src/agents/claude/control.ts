import { isInterrupt, permissionAnswers } from './stdin.ts';
import { inTurn } from './state.ts';
import { describeToolCall } from './tool-call.ts';
import { reading, understood } from './translation.ts';
import { commandsUpdate } from './commands.ts';
import { ControlCancelLine, ControlRequestLine, ControlResponseLine } from './wire.ts';

/** The agent asks whether it may use a tool, and waits as long as it takes. */
export const controlRequest = reading(ControlRequestLine, (before, { request_id: permissionId, request }) => {
  const toolCallId = request.tool_use_id ?? null;
  const { title } = describeToolCall(request.tool_name, request.input);
  const state = inTurn(before);
  return understood(
    { ...state, permissions: [...state.permissions, { permissionId, toolCallId }] },
    [{ type: 'permission.requested', data: { permissionId, toolCallId, title, rawInput: request.input } }],
    [{ type: 'permission_requested', permissionId, answers: permissionAnswers(permissionId, request.input) }],
  );
});

/** The agent takes its question back: the turn was interrupted while it waited. */
export const controlCancel = reading(ControlCancelLine, (state, { request_id: permissionId }) => {
  const permissions = state.permissions.filter((open) => open.permissionId !== permissionId);
  if (permissions.length === state.permissions.length) return understood(state);
  return understood({ ...state, permissions }, [
    { type: 'permission.resolved', data: { permissionId, decision: 'deny', by: 'agent' } },
  ]);
});

/** The answer to a request of ours; with `--replay-user-messages` also the echo of an answer of ours. */
export const controlResponse = reading(ControlResponseLine, (state, { response }) => {
  if (response.subtype === 'error') {
    const text = `Claude Code refused the request "${response.request_id}": ${response.error ?? 'it does not say why'}`;
    return understood(state, [{ type: 'agent.diagnostic', data: { text } }]);
  }
  if (state.awaiting !== null && isInterrupt(response.request_id)) {
    // No turn of the main agent is open, so no result will tell of the interruption.
    const message = 'Interrupted while subagents were at work';
    const conclusion = { ...state.awaiting, outcome: 'interrupted' as const, message };
    return understood({ ...state, awaiting: null, isTurnOpen: false }, [], [{ type: 'turn_ended', ...conclusion }]);
  }
  const commands = response.response?.commands;
  return commands === undefined ? understood(state) : understood(...commandsUpdate(state, commands));
});
