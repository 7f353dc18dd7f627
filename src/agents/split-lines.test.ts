import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from './split-lines.ts';

describe('splitLines', () => {
  it.each([
    ['nothing', '', []],
    ['lines with their ends', 'a\nb\n', ['a', 'b']],
    ['a last line without one', 'a\nb', ['a', 'b']],
    ['empty lines', '\n\na\n', ['', '', 'a']],
    ['line ends of the other kind', 'a\r\nb\r\n', ['a', 'b']],
    ['a carriage return inside a line', 'a\rb\n', ['a\rb']],
  ])('takes %s', async (_what, text, lines) => {
    expect(await split([Buffer.from(text)])).toEqual(lines);
  });

  it('keeps characters whole that arrive in pieces', async () => {
    const bytes = Buffer.from('grün 🐑\n');
    expect(await split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['grün 🐑']);
  });

  it('says null for a line that is too long, and goes on after it', async () => {
    const long = Buffer.alloc(9 * 1024 * 1024, 'x');
    expect(await split([Buffer.from('a\n'), long, Buffer.from('\nb\n')])).toEqual(['a', null, 'b']);
  });

  it('finds the same lines however the bytes are cut, also where a buffer is used again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const clean = lines.map((line) => line.replaceAll(/[\r\n]/g, ''));
          const bytes = Buffer.from(clean.map((line) => `${line}\n`).join(''));
          expect(await split(reusing(bytes, size))).toEqual(clean);
        },
      ),
    );
  });
});

async function split(pieces: Iterable<Uint8Array>): Promise<(string | null)[]> {
  const lines: (string | null)[] = [];
  for await (const line of splitLines(asyncly(pieces))) lines.push(line);
  return lines;
}

async function* asyncly(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function* reusing(bytes: Buffer, size: number): Generator<Uint8Array> {
  const shared = Buffer.alloc(size);
  for (let start = 0; start < bytes.length; start += size) {
    const length = bytes.copy(shared, 0, start, start + size);
    yield shared.subarray(0, length);
  }
}
