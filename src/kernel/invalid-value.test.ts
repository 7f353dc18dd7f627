import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findInvalidValues, quoteValue } from './invalid-value.ts';

const Schema = z.strictObject({
  name: z.string().min(1),
  mode: z.enum(['slow', 'fast']).default('slow'),
  parts: z
    .record(z.string().regex(/^[a-z]+$/, { error: 'Expected a name' }), z.strictObject({ size: z.int() }))
    .optional(),
});

describe('findInvalidValues', () => {
  it('finds nothing wrong with a valid value', () => {
    expect(findInvalidValues(Schema, { name: 'x' })).toEqual([]);
  });

  it('names the path, quotes the value and says what is expected', () => {
    expect(findInvalidValues(Schema, { name: '', mode: 'medium' })).toEqual([
      { path: ['name'], found: '""', expected: 'expected string to have >=1 characters' },
      { path: ['mode'], found: '"medium"', expected: 'expected one of "slow"|"fast"' },
    ]);
  });

  it('lists the keys that there are where a key is unknown, also inside records', () => {
    expect(findInvalidValues(Schema, { name: 'x', parts: { a: { size: 1, colour: 'red' } } })).toEqual([
      { path: ['parts', 'a', 'colour'], found: '"red"', expected: 'expected one of size' },
    ]);
  });

  it('says what a key of a record must look like', () => {
    expect(findInvalidValues(Schema, { name: 'x', parts: { 'A B': { size: 1 } } })).toEqual([
      { path: ['parts', 'A B'], found: 'an object', expected: 'expected a name' },
    ]);
  });

  it('calls an absent value missing', () => {
    expect(findInvalidValues(Schema, {})).toEqual([{ path: ['name'], found: 'missing', expected: 'expected string' }]);
  });
});

describe('quoteValue', () => {
  it('keeps a quote short and on one line, whatever the value', () => {
    expect(quoteValue('a\nb')).toBe('"a\\nb"');
    expect(quoteValue('x'.repeat(1_000_000)).length).toBeLessThan(160);
    expect(quoteValue(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe('an array of 1');
  });
});
