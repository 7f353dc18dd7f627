import type { FailureReason } from '../contracts/failure-reason.ts';

export interface FailureMeaning {
  /** The same run may succeed when it is tried again, with nothing changed by anybody. */
  readonly isRetryable: boolean;
  /** Counts against the attempts that a run has; false where no agent had begun, or where only waiting is needed. */
  readonly usesAttempt: boolean;
  /** What the user is told to do. */
  readonly advice: string;
}

/** What each reason means for a retry and for the user. */
export const failureReasons: Readonly<Record<FailureReason, FailureMeaning>> = {
  // The model and the account
  auth_required: needsUser('Log the agent in, or give its profile a credential'),
  rate_limited: waits('Wait until the limit resets, or use another credential'),
  overloaded: passes('Try again in a moment: the model is busy'),
  model_unreachable: passes('Check the network, the proxy and the address of the model, then try again'),
  billing: needsUser('Add credit to the account, or use another credential'),
  invalid_request: needsUser('Change the prompt or the profile: the same again would fail again'),
  context_overflow: needsUser('Compact the conversation, or start a new session'),
  model_not_found: needsUser('Name a model in the profile that the account may use'),
  output_limit: needsUser('Ask for less at a time, or raise the limit'),

  // The agent's own session
  session_not_found: needsUser('Start a new session: the agent has lost this one'),
  session_poisoned: needsUser('Start a new session: the model refuses the history of this one'),

  // Limits that were set on purpose
  permission_denied: needsUser('Allow what the agent needs, or choose another permission mode in the profile'),
  max_turns: needsUser('Send another prompt to go on, or raise the limit'),
  budget_exceeded: needsUser('Raise the budget, then send another prompt to go on'),
  inactivity_timeout: passes('Try again: the agent was silent for too long'),
  stalled: passes('Try again: the model stopped in the middle of its answer'),
  run_timeout: needsUser('Send another prompt to go on, or raise the time limit'),
  memory_limit: needsUser('Raise the memory limit, or make the task smaller'),
  process_limit: needsUser('Raise the process limit, or see what the agent starts so many of'),

  // The program and its process
  agent_not_found: unbegun('Install the agent, or set `command` in the profile; `drover profiles` says how'),
  spawn_failed: { ...unbegun('See the message: the process could not be started'), isRetryable: true },
  agent_crashed: passes('Try again: the agent ended in the middle of its turn'),
  holder_lost: passes('Try again: the process that held the agent is gone'),
  no_terminal_event: passes('Look at the transcript, then try again: the agent left without saying how its turn ended'),

  // The machine and the workspace
  disk_full: needsUser('Free some space, then try again'),
  workspace_failed: unbegun('See the message: the workspace could not be prepared'),
  gate_failed: needsUser('See what the gate says, and send a prompt that mends it'),
  node_lost: passes('Try again, or reopen the session: the server it ran on is gone'),
  internal: needsUser('Report this with the server log: Drover made a mistake'),
};

function needsUser(advice: string): FailureMeaning {
  return { isRetryable: false, usesAttempt: true, advice };
}

function passes(advice: string): FailureMeaning {
  return { isRetryable: true, usesAttempt: true, advice };
}

function waits(advice: string): FailureMeaning {
  return { isRetryable: true, usesAttempt: false, advice };
}

function unbegun(advice: string): FailureMeaning {
  return { isRetryable: false, usesAttempt: false, advice };
}
