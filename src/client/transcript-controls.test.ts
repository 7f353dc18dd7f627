import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../contracts/events.ts';
import type { RunId } from '../contracts/ids.ts';
import {
  answered,
  asked,
  chunk,
  deadlineAt,
  logged,
  paused,
  queued,
  resumed,
  runId,
  steered,
  whole,
} from './transcript-under-test.ts';
import { foldTranscript } from './transcript.ts';

describe('a transcript', () => {
  it('does not make a run wait for what the policy decides', () => {
    const asks = { ...asked('p'), data: { permissionId: 'p', toolCallId: null, title: 'May I?' } } as NewEvent;
    const events = logged([queued(), { type: 'run.started', data: {} }, asks]);
    expect(foldTranscript(events).runs).toMatchObject([{ state: 'running', since: events[1]?.at }]);
    const rule = 'deny Bash (profile)';
    const denied: NewEvent = {
      type: 'permission.resolved',
      data: { permissionId: 'p', decision: 'deny', by: 'policy', rule },
    };
    const { permissions } = foldTranscript(logged([queued(), asks, denied]));
    expect(permissions).toMatchObject([{ deadlineAt: null, otherwise: null, decision: 'deny', by: 'policy', rule }]);
  });

  it('knows until when a question waits, also where the agent repeats it', () => {
    const again = { ...asked('p'), data: { permissionId: 'p', toolCallId: null, title: 'May I?' } } as NewEvent;
    const { permissions } = foldTranscript(logged([queued(), asked('p'), again]));
    expect(permissions).toMatchObject([{ deadlineAt, otherwise: 'deny', decision: null }]);
  });

  it('shows a run that is paused as paused, and how it goes on', () => {
    const steps: NewEvent[] = [
      queued(),
      { type: 'run.started', data: {} },
      paused(),
      resumed(),
      asked('p'),
      paused(),
      asked('q'),
      answered('p'),
      resumed(),
      answered('q'),
    ];
    const events = logged(steps);
    const states = events.map((_event, index) => foldTranscript(events.slice(0, index + 1)).runs[0]?.state);
    const waiting = 'awaiting_permission';
    expect(states.slice(2)).toEqual(['paused', 'running', waiting, 'paused', 'paused', 'paused', waiting, 'running']);
  });

  it('shows what is said into a running turn as what the user says', () => {
    const { items } = foldTranscript(logged([queued(), chunk('a', 'I wri'), steered('In French'), whole('a', 'Oui')]));
    expect(items).toMatchObject([
      { role: 'user', text: 'In French' },
      { role: 'agent', text: 'Oui' },
    ]);
    expect(items[0]).toMatchObject({ isComplete: true, runId });
  });

  it('has what waits as it was edited and in the order in which it was moved', () => {
    const of = (id: string, event: NewEvent) => ({ ...event, runId: id as RunId });
    const move = (before: string | null): NewEvent => ({ type: 'run.moved', data: { before: before as RunId | null } });
    const events = [
      ...['a', 'b', 'c'].map((id) => of(id, queued())),
      of('c', move('a')),
      of('a', move(null)),
      of('b', { type: 'run.edited', data: { prompt: 'Do that' } }),
    ];
    const { runs } = foldTranscript(
      logged(events).map((event, index) => ({ ...event, runId: events[index]?.runId as RunId })),
    );
    expect(runs.map(({ runId: id, prompt }) => [id, prompt])).toEqual([
      ['c', 'Do it'],
      ['b', 'Do that'],
      ['a', 'Do it'],
    ]);
  });

  it('says which limit a run went beyond, and whether its session is paused', () => {
    const limit = { limit: 'silence', reason: 'inactivity_timeout', message: 'Silent for 5 minutes' } as const;
    const events = logged([queued(), { type: 'run.limit_reached', data: limit }, { type: 'session.paused', data: {} }]);
    expect(foldTranscript(events)).toMatchObject({ isPaused: true, runs: [{ limitReached: limit }] });
    const on = logged([
      { type: 'session.paused', data: {} },
      { type: 'session.resumed', data: {} },
    ]);
    expect(foldTranscript(on).isPaused).toBe(false);
  });
});
