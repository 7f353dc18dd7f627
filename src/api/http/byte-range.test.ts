import { describe, expect, it } from 'vitest';
import { parseByteRange } from './byte-range.ts';

describe('parseByteRange', () => {
  it.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=2-5', { first: 2, last: 5 }],
    ['bytes=4-', { first: 4, last: 9 }],
    ['bytes=4-999', { first: 4, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-99', { first: 0, last: 9 }],
  ])('reads %s of ten bytes', (header, range) => {
    expect(parseByteRange(header, 10)).toEqual(range);
  });

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=0-1'])(
    'gives the whole body where the header is %j',
    (header) => {
      expect(parseByteRange(header, 10)).toBeNull();
    },
  );

  it.each([
    ['bytes=10-', 10],
    ['bytes=10-12', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('cannot satisfy %s of %i bytes', (header, size) => {
    expect(parseByteRange(header, size)).toBe('unsatisfiable');
  });
});
