import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event, NewEvent } from '../contracts/events.ts';
import { chunkTypes } from '../contracts/events.ts';
import {
  answered,
  asked,
  chunk,
  discarded,
  ended,
  logged,
  paused,
  queued,
  resumed,
  steered,
  thought,
  tool,
  toolUpdate,
  used,
  whole,
} from './transcript-under-test.ts';
import { applyEvent, emptyTranscript, foldTranscript } from './transcript.ts';
import type { TranscriptItem } from './transcript.ts';

describe('a transcript', () => {
  it('joins the chunks of a message while it is being said', () => {
    const { items } = foldTranscript(logged([chunk('a', 'Hel'), chunk('a', 'lo')]));
    expect(items).toMatchObject([{ type: 'message', role: 'agent', text: 'Hello', isComplete: false }]);
  });

  it('shows the whole in place of its chunks', () => {
    const { items } = foldTranscript(logged([chunk('a', 'Hel'), whole('a', 'Hello!')]));
    expect(items).toMatchObject([{ text: 'Hello!', isComplete: true }]);
  });

  it('marks what the agent took back', () => {
    const { items } = foldTranscript(logged([chunk('a', 'Hel'), discarded('a'), whole('b', 'Hello')]));
    expect(items).toMatchObject([
      { messageId: 'a', text: '', isDiscarded: true },
      { messageId: 'b', text: 'Hello', isDiscarded: false },
    ]);
  });

  it('keeps thought, text, tool call and text in their order', () => {
    const { items } = foldTranscript(
      logged([
        thought('m:0', 'Hm'),
        whole('m:1', 'I look'),
        tool('t'),
        toolUpdate('t', 'completed'),
        whole('n:0', 'Seen'),
      ]),
    );
    expect(items.map(nameOf)).toEqual(['thought Hm', 'agent I look', 'tool_call t', 'agent Seen']);
  });

  it('merges what is said of a tool call; what is absent stays', () => {
    const { items } = foldTranscript(logged([tool('t'), toolUpdate('t', 'in_progress'), toolUpdate('t', 'completed')]));
    expect(items).toMatchObject([{ type: 'tool_call', title: 'Tool t', kind: 'read', status: 'completed' }]);
  });

  it('has the last plan', () => {
    const entry = { content: 'Look', priority: 'medium', status: 'pending' } as const;
    const plan = (status: 'pending' | 'completed'): NewEvent => ({
      type: 'plan',
      data: { entries: [{ ...entry, status }] },
    });
    expect(foldTranscript(logged([plan('pending'), plan('completed')])).plan).toMatchObject([{ status: 'completed' }]);
  });

  it('sums usage, of the session and of each run', () => {
    const { usage, runs } = foldTranscript(logged([queued(), used(100, 1, 0), used(0, 19, 0.001)]));
    expect(usage).toMatchObject({ inputTokens: 100, outputTokens: 20, costUsd: 0.001 });
    expect(runs[0]?.usage).toEqual(usage);
  });

  it('follows a run to its end', () => {
    const steps: NewEvent[] = [
      queued(),
      { type: 'run.started', data: {} },
      asked('p'),
      asked('q'),
      answered('p'),
      answered('q'),
      ended(),
    ];
    const events = logged(steps);
    const states = events.map((_event, index) => foldTranscript(events.slice(0, index + 1)).runs[0]?.state);
    const waiting = 'awaiting_permission';
    expect(states).toEqual(['queued', 'running', waiting, waiting, waiting, 'running', 'succeeded']);
    expect(foldTranscript(events).runs).toMatchObject([{ prompt: 'Do it', answer: 'Done', reason: null }]);
  });

  it('knows which questions are open and how the others were answered', () => {
    const { permissions } = foldTranscript(logged([queued(), asked('p'), asked('q'), answered('p')]));
    expect(permissions).toMatchObject([
      { permissionId: 'p', decision: 'allow', by: 'user' },
      { permissionId: 'q', decision: null, by: null },
    ]);
  });

  it('is not disturbed by types of events that it does not know', () => {
    const strange = { type: 'run.teleported', data: { to: 'Mars' } } as unknown as NewEvent;
    const [known, both] = [foldTranscript(logged([queued()])), foldTranscript(logged([queued(), strange]))];
    expect(both).toEqual({ ...known, seq: 2 });
  });

  it('takes an event once, however often it is delivered', () => {
    const events = logged([queued(), chunk('a', 'x'), used(1, 1, 0)]);
    const once = foldTranscript(events);
    expect(events.reduce(applyEvent, once)).toBe(once);
    expect(foldTranscript([...events, ...events])).toEqual(once);
  });

  it('changes nothing that it was given', () => {
    const events = logged([
      queued(),
      tool('t'),
      chunk('a', 'x'),
      whole('a', 'xy'),
      toolUpdate('t', 'completed'),
      ended(),
    ]);
    let transcript = emptyTranscript;
    for (const event of events) {
      const before = structuredClone(transcript);
      const next = applyEvent(transcript, event);
      expect(transcript).toEqual(before);
      transcript = next;
    }
  });
});

describe('two readers of one session', () => {
  it('have the same transcript, wherever compaction came between them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), fc.nat(60), (steps, seen, left) => {
        // An end that is never compacted: all have read to the same place.
        const events = logged([...steps, ended()]);
        const live = foldTranscript(events);
        const late = foldTranscript(compacted(events));
        // Was there for a while, then came back when the log was compacted.
        const back = foldTranscript([...events.slice(0, seen), ...compacted(events).filter(({ seq }) => seq > seen)]);
        // Came while compaction, which begins at the end of a message, was not through yet.
        const between = foldTranscript(compacted(events, left));
        expect(late).toEqual(live);
        expect(between).toEqual(live);
        expect(back).toEqual(live);
      }),
      { numRuns: 500 },
    );
  });
});

/** Few ids, so that messages and calls overlap, are completed twice, and chunks come late. */
const id = fc.constantFrom('a', 'b', 'c');
const text = fc.string({ maxLength: 4 });

const step: fc.Arbitrary<NewEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(id, text).map(([messageId, words]) => chunk(messageId, words)) },
  { weight: 3, arbitrary: fc.tuple(id, text).map(([messageId, words]) => whole(messageId, words)) },
  { weight: 1, arbitrary: id.map(discarded) },
  { weight: 2, arbitrary: id.map(tool) },
  { weight: 2, arbitrary: id.map((toolCallId) => toolUpdate(toolCallId, 'completed')) },
  { weight: 1, arbitrary: fc.constantFrom(queued(), asked('p'), answered('p'), used(1, 2, 0.5), ended()) },
  { weight: 1, arbitrary: fc.constantFrom(paused(), resumed(), steered('Go on')) },
);

/** What compaction leaves: the chunks of a message go when it is complete, those up to `left` later than the others. */
function compacted(events: readonly Event[], left = 0): Event[] {
  const messageIdOf = (event: Event) => ('messageId' in event.data ? event.data.messageId : undefined);
  const complete = new Set(events.filter(({ type }) => type === 'message.completed').map(messageIdOf));
  return events.filter(
    (event) => event.seq <= left || !chunkTypes.has(event.type) || !complete.has(messageIdOf(event)),
  );
}

function nameOf(item: TranscriptItem): string {
  return item.type === 'message' ? `${item.role} ${item.text}` : `tool_call ${item.toolCallId}`;
}
