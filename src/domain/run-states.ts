import type { RunState, RunVerb } from '../contracts/run-state.ts';

/** The one table of how a run may move; every state that has no way on is an end. */
export const transitions: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['starting', 'failed', 'canceled'],
  starting: ['running', 'retrying', 'failed', 'stopped', 'succeeded', 'interrupted'],
  running: [
    'paused',
    'awaiting_permission',
    'verifying',
    'retrying',
    'parked',
    'succeeded',
    'failed',
    'interrupted',
    'stopped',
  ],
  paused: ['running', 'failed', 'stopped'],
  awaiting_permission: ['running', 'succeeded', 'failed', 'interrupted', 'stopped'],
  verifying: ['succeeded', 'failed', 'stopped'],
  retrying: ['starting', 'failed', 'stopped'],
  parked: ['queued', 'failed', 'stopped', 'canceled'],
  succeeded: [],
  failed: [],
  interrupted: [],
  stopped: [],
  canceled: [],
};

/** In which states a user's verb makes sense. */
const verbs: Readonly<Record<RunVerb, readonly RunState[]>> = {
  interrupt: ['running', 'awaiting_permission'],
  stop: ['starting', 'running', 'paused', 'awaiting_permission', 'verifying', 'retrying', 'parked'],
  cancel: ['queued'],
};

export function isEnd(state: RunState): boolean {
  return transitions[state].length === 0;
}

/** The state itself where the move is legal; a move that the table does not know is a bug, not a refusal. */
export function moveRun(from: RunState, to: RunState): RunState {
  if (!transitions[from].includes(to)) throw new Error(`A run cannot go from "${from}" to "${to}"`);
  return to;
}

/** The verbs that are possible in a state, for the refusal of one that is not. */
export function possibleVerbs(state: RunState): RunVerb[] {
  return (Object.keys(verbs) as RunVerb[]).filter((verb) => verbs[verb].includes(state));
}
