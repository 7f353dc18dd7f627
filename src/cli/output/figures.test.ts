import { expect, it } from 'vitest';
import { formatBytes, formatDuration } from './figures.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [12_345, '12.3 kB'],
  [999_950, '1.0 MB'],
  [99_960_000, '100 MB'],
  [412_000_000, '412 MB'],
  [1_234_000_000, '1.2 GB'],
  [2.5e12, '2.5 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [-5, '0.0s'],
  [420, '0.4s'],
  [9_960, '10s'],
  [12_300, '12s'],
  [59_700, '1m 0s'],
  [192_000, '3m 12s'],
  [7_500_000, '2h 5m'],
  [273_600_000, '3d 4h'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
