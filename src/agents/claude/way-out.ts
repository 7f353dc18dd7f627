import type { FailureReason } from '../../contracts/failure-reason.ts';

/** What happened, in the program's words, and what its user can do. */
export function explained(what: string, reason: FailureReason): string {
  const sentence = what.trim().replace(/\.+$/, '');
  const wayOut = waysOut[reason];
  return wayOut === undefined ? sentence : `${sentence}. ${wayOut}`;
}

const waysOut: Readonly<Partial<Record<FailureReason, string>>> = {
  auth_required:
    'Run `claude /login` as the user who runs the server, or set ANTHROPIC_API_KEY for the server or in the `env` of the profile',
  rate_limited: 'Wait until the limit resets, or give the profile another credential',
  overloaded: 'Send the prompt again in a moment',
  model_unreachable: 'Check the network, the proxy and ANTHROPIC_BASE_URL, then send the prompt again',
  billing: 'Add credit to the account, or give the profile another credential',
  invalid_request: 'Change the prompt or the profile: the same again would fail again',
  context_overflow: 'Send `/compact`, or start a new session',
  model_not_found: 'Set `model` in the profile to one that the account may use',
  session_not_found: 'Start a new session: Claude Code keeps its sessions per folder, and has none of this id here',
  session_poisoned: 'Start a new session: the API refuses the history of this one',
  permission_denied:
    'Run the server as another user than root, set IS_SANDBOX=1 for it if it runs in a sandbox, or choose another `permissionMode`',
  max_turns: 'Raise `maxTurns` in the profile, or send another prompt to go on',
  budget_exceeded: 'Raise the budget, or send another prompt to go on',
  output_limit: 'Set CLAUDE_CODE_MAX_OUTPUT_TOKENS, or ask for a shorter answer',
  agent_crashed: 'Send the prompt again: the session can be reopened',
  no_terminal_event: 'Send the prompt again: an exit code alone proves nothing',
};
