import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

const never = new AbortController().signal;

/** Takes a turn for somebody; resolves with what ends it. */
function queueUp(turns: Turns, order: string[], name: string, signal = never): Promise<() => void> {
  return turns.take(signal).then((end) => {
    order.push(name);
    return end;
  });
}

it('gives turns one at a time, in the order in which they were asked for', async () => {
  const turns = new Turns(() => true);
  const order: string[] = [];
  const [first, second, third] = ['a', 'b', 'c'].map((name) => queueUp(turns, order, name));
  (await first)?.();
  const end = await second;
  await Promise.resolve();
  expect(order).toEqual(['a', 'b']);
  end?.();
  // Twice is once.
  end?.();
  await third;
  expect(order).toEqual(['a', 'b', 'c']);
});

it('gives none while there is no room, and the next when there is', async () => {
  let hasRoom = false;
  const turns = new Turns(() => hasRoom);
  const order: string[] = [];
  const first = queueUp(turns, order, 'a');
  turns.next();
  await Promise.resolve();
  expect(order).toEqual([]);
  hasRoom = true;
  turns.next();
  await first;
  expect(order).toEqual(['a']);
});

it('lets go who does not want it any more, and forgets them', async () => {
  const turns = new Turns(() => true);
  const order: string[] = [];
  const leave = new AbortController();
  const end = await queueUp(turns, order, 'a');
  const gone = queueUp(turns, order, 'gone', leave.signal);
  const last = queueUp(turns, order, 'b');
  leave.abort();
  (await gone)();
  (await queueUp(turns, order, 'never there', AbortSignal.abort()))();
  expect(order).toEqual(['a', 'gone', 'never there']);
  end();
  await last;
  expect(order).toEqual(['a', 'gone', 'never there', 'b']);
});
