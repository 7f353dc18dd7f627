import { expect, test } from 'vitest';
import { Typing } from './typing.ts';

/** Typing whose commits end when the test says so. */
function held() {
  const stored: string[] = [];
  const ends: PromiseWithResolvers<undefined>[] = [];
  const typing = new Typing((text) => {
    stored.push(text);
    const end = Promise.withResolvers<undefined>();
    ends.push(end);
    return end.promise;
  });
  const settle = () => new Promise(setImmediate);
  return { typing, stored, ends, settle };
}

test('what is typed while a commit is under way is committed together, in order', async () => {
  const { typing, stored, ends, settle } = held();
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => typing.add(Buffer.from(key)));
  await settle();
  expect(stored).toEqual(['abcdef']);
  const more = ['g', 'h', 'i'].map((key) => typing.add(Buffer.from(key)));
  await settle();
  expect(stored).toHaveLength(1);
  ends[0]?.resolve(undefined);
  await Promise.all(all);
  await settle();
  expect(stored).toEqual(['abcdef', 'ghi']);
  ends[1]?.resolve(undefined);
  await Promise.all(more);
});

test('a character that comes in pieces stays whole, and what is none says so', async () => {
  const { typing, stored, ends, settle } = held();
  const sheep = Buffer.from('🐑');
  for (const piece of [sheep.subarray(0, 1), sheep.subarray(1, 3)]) {
    await typing.add(piece);
  }
  expect(stored).toEqual([]);
  const whole = typing.add(Buffer.concat([sheep.subarray(3), Buffer.from([0xff, 0x00, 0x61])]));
  await settle();
  expect(stored).toEqual(['🐑\ufffd\0a']);
  ends[0]?.resolve(undefined);
  await whole;
});

test('what could not be stored is told to whoever typed it, and typing goes on', async () => {
  const { typing, stored, ends, settle } = held();
  const first = typing.add(Buffer.from('a'));
  await settle();
  const second = typing.add(Buffer.from('b'));
  ends[0]?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await settle();
  ends[1]?.resolve(undefined);
  await second;
  expect(stored).toEqual(['a', 'b']);
});
