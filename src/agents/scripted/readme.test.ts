import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vocabulary } from './program/vocabulary.ts';

test('the table of steps in the README is the vocabulary of the program', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` *\|([^|]*)\|/gm)];
  const documented = rows.map(([, verb, fields]) => [
    verb,
    [...(fields ?? '').matchAll(/`(\S+)`/g)].map(([, name]) => name),
  ]);
  const known = Object.entries(vocabulary).map(([verb, fields]) => [
    verb,
    Object.entries<string>(fields).map(([name, type]) => (type.endsWith('?') ? `${name}?` : name)),
  ]);
  expect(documented).toEqual(known);
});
