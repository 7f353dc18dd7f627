import { describe, expect, test } from 'vitest';
import { Outcome, RunState } from '../contracts/run-state.ts';
import { isEnd, isReached, moveRun, possibleVerbs, transitions } from './run-states.ts';

describe('the table of run states', () => {
  test('ends are exactly the outcomes', () => {
    expect(RunState.options.filter(isEnd).toSorted()).toEqual(Outcome.options.toSorted());
  });

  test('every state but the first can be reached, and from every state an end can be', () => {
    const reachable = new Set(Object.values(transitions).flat());
    expect(RunState.options.filter((state) => !reachable.has(state))).toEqual([]);

    const leadsToEnd = (state: RunState, seen = new Set<RunState>()): boolean =>
      isEnd(state) ||
      (!seen.has(state) && transitions[state].some((next) => leadsToEnd(next, new Set([...seen, state]))));
    expect(RunState.options.filter((state) => !leadsToEnd(state))).toEqual([]);
  });

  test('a move that is not in the table is a bug', () => {
    expect(() => moveRun('succeeded', 'running')).toThrow('A run cannot go from "succeeded" to "running"');
    expect(moveRun('queued', 'starting')).toBe('starting');
  });

  test('a queued run can be canceled, a running one interrupted or stopped, an ended one nothing', () => {
    const possible = (state: RunState) => possibleVerbs({ state, requestedVerb: null });
    expect(possible('queued')).toEqual(['cancel']);
    expect(possible('running')).toEqual(['interrupt', 'stop', 'pause']);
    expect(possible('paused')).toEqual(['stop', 'resume']);
    expect(possible('failed')).toEqual([]);
  });

  test('a verb that is on its way leaves only itself and what is stronger', () => {
    expect(possibleVerbs({ state: 'running', requestedVerb: 'interrupt' })).toEqual(['interrupt', 'stop']);
    expect(possibleVerbs({ state: 'running', requestedVerb: 'stop' })).toEqual(['stop']);
  });

  test('a verb whose effect is there is not asked for again', () => {
    expect(isReached({ requestedVerb: null, state: 'paused', pausedMs: 0 }, 'pause')).toBe(true);
    expect(isReached({ requestedVerb: null, state: 'running', pausedMs: 5 }, 'resume')).toBe(true);
    expect(isReached({ requestedVerb: null, state: 'running', pausedMs: 0 }, 'resume')).toBe(false);
    expect(isReached({ requestedVerb: null, state: 'succeeded', pausedMs: 0 }, 'stop')).toBe(false);
  });
});
