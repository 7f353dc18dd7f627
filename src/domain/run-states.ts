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
  // What the agent wrote before it stood still may be its last word.
  paused: ['running', 'awaiting_permission', 'succeeded', 'failed', 'interrupted', 'stopped'],
  awaiting_permission: ['running', 'paused', 'succeeded', 'failed', 'interrupted', 'stopped'],
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
  pause: ['running', 'awaiting_permission'],
  resume: ['paused'],
};

export function isEnd(state: RunState): boolean {
  return transitions[state].length === 0;
}

/** The state itself where the move is legal; a move that the table does not know is a bug, not a refusal. */
export function moveRun(from: RunState, to: RunState): RunState {
  if (!transitions[from].includes(to)) throw new Error(`A run cannot go from "${from}" to "${to}"`);
  return to;
}

/**
 * The verbs that are possible now. One that was asked for and has not had its effect yet leaves only itself, once more, and what is
 * stronger.
 */
export function possibleVerbs({ state, requestedVerb }: Verbs): RunVerb[] {
  const inState = (Object.keys(verbs) as RunVerb[]).filter((verb) => verbs[verb].includes(state));
  return requestedVerb === null ? inState : inState.filter((verb) => verb === requestedVerb || verb === 'stop');
}

/** Whether the verb has had its effect already, so that asking for it once more is answered like the first time. */
export function isReached(
  { state, requestedVerb, pausedMs }: Verbs & { readonly pausedMs: number },
  verb: RunVerb,
): boolean {
  if (verb === 'resume')
    return pausedMs > 0 && requestedVerb === null && (state === 'running' || state === 'awaiting_permission');
  return state === effects[verb];
}

const effects = { interrupt: 'interrupted', stop: 'stopped', cancel: 'canceled', pause: 'paused' } as const;

interface Verbs {
  readonly state: RunState;
  readonly requestedVerb: RunVerb | null;
}
