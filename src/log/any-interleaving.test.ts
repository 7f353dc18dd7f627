import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Event } from '../contracts/events.ts';
import type { AppendedEvent } from './event-log.ts';
import { CheckedReader } from './fixtures/checked-reader.ts';
import type { Store } from '../store/store.ts';
import { chunk, completed, openLog, output } from './fixtures/open-log.ts';
import { nextTurn } from './next-turn.ts';

type Step =
  | { readonly kind: 'append'; readonly events: readonly AppendedEvent[]; readonly isAwaited: boolean }
  /** A reader joins at this part of what there is. */
  | { readonly kind: 'join'; readonly place: number; readonly isInTurns: boolean }
  /** A reader asks, and does not wait for the answer. */
  | { readonly kind: 'ask'; readonly reader: number }
  /** A reader takes what it is given, where there is something. */
  | { readonly kind: 'take'; readonly reader: number }
  | { readonly kind: 'reconnect'; readonly reader: number };

const messageId = fc.constantFrom('a', 'b', 'c');
const event: fc.Arbitrary<AppendedEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(messageId, fc.string()).map(([id, text]) => chunk(id, text)) },
  { weight: 2, arbitrary: fc.tuple(messageId, fc.string()).map(([id, text]) => completed(id, text)) },
  { weight: 1, arbitrary: fc.string().map(output) },
);
const reader = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      events: fc.array(event, { minLength: 1, maxLength: 6 }),
      isAwaited: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant('join' as const),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    isInTurns: fc.boolean(),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask' as const), reader }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), reader }) },
  fc.record({ kind: fc.constant('reconnect' as const), reader }),
);

/** How many turns of the event loop the store's next answers take, on their way there and back. */
const delays = fc.infiniteStream(fc.nat(3));

it('gives every reader, however it joins, pauses and comes back, what the log holds', async () => {
  // Small limits, so that readers fall behind and pages end in the middle of messages.
  const limits = { maxBatchEvents: 4, pageEvents: 3, maxQueuedEvents: 4, turnEvents: 2 };
  let delay = () => 0;
  const late = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    for (let turns = delay(); turns > 0; turns -= 1) await nextTurn();
    const result = await ask();
    for (let turns = delay(); turns > 0; turns -= 1) await nextTurn();
    return result;
  };
  const change = (store: Store): Store => ({
    ...store,
    commit: (batch) => late(() => store.commit(batch)),
    events: (...args) => late(() => store.events(...args)),
  });
  const { log, newSession, append } = await openLog({ limits, change });
  const takeTurn = () => late(async () => () => undefined);

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), delays, async (steps, turns) => {
      delay = () => (turns.next() as IteratorYieldResult<number>).value;
      const session = await newSession();
      const readers: { joinedAt: number; reader: CheckedReader }[] = [];
      const appends: Promise<void>[] = [];
      let count = 0;

      for (const step of steps) {
        if (step.kind === 'append') {
          count += step.events.length;
          appends.push(append(session, ...step.events));
          if (step.isAwaited) await Promise.all(appends);
          continue;
        }
        const stored = await log.lastSeq(session);
        if (step.kind === 'join') {
          const joinedAt = Math.floor(step.place * stored);
          const takesAtOnce = () => delay() > 1;
          const inTurns = step.isInTurns ? takeTurn : undefined;
          readers.push({ joinedAt, reader: new CheckedReader(log, session, joinedAt, takesAtOnce, inTurns) });
          continue;
        }
        const chosen = readers[step.reader]?.reader;
        if (step.kind === 'ask') void chosen?.next();
        if (step.kind === 'take' && chosen !== undefined && chosen.cursor < stored) await chosen.next();
        if (step.kind === 'reconnect') await chosen?.reconnect();
      }

      await Promise.all(appends);
      const stored = (await log.read(session, 0, 1_000)).map(({ json }) => JSON.parse(json) as Event);
      expect(await log.lastSeq(session)).toBe(count);
      for (const { joinedAt, reader } of readers) {
        await reader.upTo(count);
        expect(folded(reader.events)).toEqual(folded(stored).filter(({ seq }) => seq > joinedAt));
        reader.abort();
      }
      expect(stored.length).toBe(folded(stored).length);
    }),
    { numRuns: 300 },
  );
});

/** Without the chunks of messages that are complete, and without `prev`, which says how an event was read. */
function folded(events: readonly Event[]): Omit<Event, 'prev'>[] {
  const completedAt = new Map<string, number>();
  for (const { type, data, seq } of events) {
    if (type === 'message.completed') completedAt.set(data.messageId, seq);
  }
  return events
    .filter(({ type, data, seq }) => {
      const isChunk = type === 'agent_message_chunk';
      return !isChunk || seq > (completedAt.get(data.messageId) ?? 0);
    })
    .map(({ prev: _, ...event }) => event);
}
