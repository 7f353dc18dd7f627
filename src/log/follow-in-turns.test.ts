import { expect, it } from 'vitest';
import { CheckedReader } from './fixtures/checked-reader.ts';
import { openLog, output } from './fixtures/open-log.ts';
import { nextTurn } from './next-turn.ts';

it('reads what is stored in small pages, of which one is a turn', async () => {
  const { log, newSession, append } = await openLog({ limits: { turnEvents: 2 } });
  const session = await newSession();
  await append(session, output('1'), output('2'), output('3'));
  let turns = 0;
  let open = 0;
  const takeTurn = async () => {
    turns += 1;
    open += 1;
    return () => (open -= 1);
  };
  const reader = new CheckedReader(log, session, 0, () => true, takeTurn);
  expect([await reader.next(), open]).toEqual([[1, 2], 1]);
  expect([await reader.next(), open]).toEqual([[3], 1]);
  const live = reader.next();
  await expect.poll(() => open).toBe(0);
  await append(session, output('4'));
  // Nobody's turn is needed for what is taken at once.
  expect([await live, open, turns]).toEqual([[4], 0, 3]);
  reader.abort();
});

it('keeps its pages small where events are large, and asks for no more of them than fit', async () => {
  const asked: number[] = [];
  const { log, newSession, append } = await openLog({
    limits: { turnChars: 600_000 },
    change: (store) => ({
      ...store,
      events: (session, after, limit) => {
        asked.push(limit);
        return store.events(session, after, limit);
      },
    }),
  });
  const session = await newSession();
  await append(session, ...Array.from({ length: 7 }, () => output('x'.repeat(250_000))), output('x'.repeat(2_000_000)));
  const reader = new CheckedReader(
    log,
    session,
    0,
    () => false,
    async () => () => undefined,
  );
  expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect([await reader.next(), await reader.next()]).toEqual([[7], [8]]);
  expect(asked).toEqual([200, 2, 2, 2, 1]);
  reader.abort();
});

it('holds nothing but its place while it waits for its turn', async () => {
  let reads = 0;
  const { log, newSession, append } = await openLog({
    change: (store) => ({
      ...store,
      events: (...args) => {
        reads += 1;
        return store.events(...args);
      },
    }),
  });
  const session = await newSession();
  const gate = Promise.withResolvers<() => void>();
  let turns = 0;
  const takeTurn = () => (turns++ === 0 ? Promise.resolve(() => undefined) : gate.promise);
  const reader = new CheckedReader(log, session, 0, () => false, takeTurn);
  const next = reader.next();
  await expect.poll(() => reads).toBe(1);
  for (let count = 0; count < 20; count += 1) await append(session, output('x'));
  await nextTurn();
  expect([reads, turns]).toEqual([1, 2]);
  gate.resolve(() => undefined);
  expect(await next).toHaveLength(20);
  reader.abort();
});

it('gives its turn back where it is left in the middle of it', async () => {
  const { log, newSession, append } = await openLog();
  const session = await newSession();
  await append(session, output('1'));
  let open = 0;
  const takeTurn = async () => {
    open += 1;
    return () => (open -= 1);
  };
  for await (const _ of log.subscribeInTurns(session, 0, new AbortController().signal, () => true, takeTurn)) break;
  expect(open).toBe(0);
});
