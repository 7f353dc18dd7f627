import { expect, test } from 'vitest';
import { print, say, script } from '../../script.ts';
import { perform } from '../rehearsal.ts';

test('bytes come out as they are, with or without a line end', async () => {
  const garbage = Buffer.from([0x00, 0xff, 0xfe, 0xc3, 0x28, 0x0d]);
  const { stdout } = await perform(script(print(garbage), print('{"half', { newline: false }), print(': line')));
  expect(stdout.includes(Buffer.concat([garbage, Buffer.from('\n{"half: line\n')]))).toBe(true);
});

test('what is said between prints keeps its place', async () => {
  const { stdout } = await perform(script(print('before'), say('between'), print('after')));
  const places = ['before\n', '"text":"between"', 'after\n'].map((text) => stdout.indexOf(text));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('stderr is another stream', async () => {
  const { stdout, stderr } = await perform(script(print('warning: slow', { stream: 'stderr' })));
  expect(stderr.toString()).toBe('warning: slow\n');
  expect(stdout.toString()).not.toContain('warning');
});

test('a line can be very long', async () => {
  const { stdout, code } = await perform(script(print('abc', { repeat: 3_000_000 })));
  expect(stdout.toString().split('\n')[2]).toBe('abc'.repeat(3_000_000));
  expect(code).toBe(0);
});

test('text or base64 must be given', async () => {
  const { lines } = await perform('{"steps": [{"print": {}}]}');
  const message = '"print" needs either "text" or "base64"';
  expect(lines.at(-1)).toMatchObject({ outcome: 'failed', reason: 'invalid_request', message });
});
