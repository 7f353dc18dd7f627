import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LineReader } from './line-reader.ts';
import type { LogLine } from './line-reader.ts';
import { LogBytes } from './log-bytes.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-lines-'));
  path = join(directory, 'out.log');
});

afterEach(() => rmSync(directory, { recursive: true }));

const logBytes = () => new LogBytes(path, `${path}.sealed`);

function readAll(reader: LineReader, bufferBytes = 64 * 1024): LogLine[] {
  const buffer = Buffer.alloc(bufferBytes);
  const lines: LogLine[] = [];
  for (;;) {
    const { lines: more, hasMore } = reader.read(buffer);
    lines.push(...more);
    if (!hasMore) return lines;
  }
}

describe('reading the lines of a growing log', () => {
  test('a file that is not there yet has no lines', () => {
    expect(readAll(new LineReader(logBytes(), 0))).toEqual([]);
  });

  test('a half-written line waits for its end, and is then one line', () => {
    writeFileSync(path, 'one\ntw');
    const reader = new LineReader(logBytes(), 0);
    expect(readAll(reader).map((line) => line.text)).toEqual(['one']);
    expect(reader.offset).toBe(4);
    appendFileSync(path, 'o\n');
    expect(readAll(reader)).toEqual([{ offset: 4, length: 4, text: 'two' }]);
  });

  test('a line whose end never comes is handed out as the rest', () => {
    writeFileSync(path, 'one\ntwo');
    const reader = new LineReader(logBytes(), 0);
    readAll(reader);
    expect(reader.rest()).toEqual({ offset: 4, length: 3, text: 'two' });
    expect(reader.rest()).toBeNull();
    expect(reader.offset).toBe(7);
  });

  test('a line that is too long is told by its place only, and the next one is whole again', () => {
    writeFileSync(path, `${'x'.repeat(100)}\nshort\n`);
    const lines = readAll(new LineReader(logBytes(), 0, { maxLineBytes: 50 }), 16);
    expect(lines).toEqual([
      { offset: 0, length: 101, text: null },
      { offset: 101, length: 6, text: 'short' },
    ]);
  });

  test('lines that are short and many are handed out some at a time, none lost', () => {
    writeFileSync(path, '\n'.repeat(25));
    const reader = new LineReader(logBytes(), 0, { maxLines: 10 });
    const first = reader.read(Buffer.alloc(1_000));
    expect([first.lines.length, first.hasMore, reader.offset]).toEqual([10, true, 10]);
    expect(readAll(reader)).toHaveLength(15);
  });

  test('a log that was cut short is reported once, and nothing is handed out twice', () => {
    writeFileSync(path, 'one\ntwo\n');
    const reader = new LineReader(logBytes(), 0);
    readAll(reader);
    truncateSync(path, 2);
    expect(reader.read(Buffer.alloc(10)).truncated).toEqual({ expectedBytes: 8, foundBytes: 2 });
    expect(reader.read(Buffer.alloc(10)).truncated).toBeNull();
    appendFileSync(path, 'three\n');
    expect(readAll(reader).map((line) => line.text)).toEqual(['three']);
  });

  test('carriage returns before the line end go, invalid UTF-8 is replaced, NUL and byte order marks stay', () => {
    writeFileSync(path, Buffer.concat([Buffer.from('\uFEFFa\0b\r\n'), Buffer.from([0xff, 0xfe, 0x0a])]));
    expect(readAll(new LineReader(logBytes(), 0)).map((line) => line.text)).toEqual(['\uFEFFa\0b', '\uFFFD\uFFFD']);
  });

  test('however the bytes are cut, and wherever a new reader takes over, the lines are the same', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/[\r\n]/.test(text)),
          { maxLength: 20 },
        ),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 20 }),
        (texts, bufferBytes, handOverAfter) => {
          writeFileSync(path, texts.map((text) => `${text}\n`).join(''));
          const first = new LineReader(logBytes(), 0);
          const lines: LogLine[] = [];
          const buffer = Buffer.alloc(bufferBytes);
          for (let reads = 0; reads < handOverAfter; reads++) lines.push(...first.read(buffer).lines);
          first.close();
          const second = new LineReader(logBytes(), first.offset);
          lines.push(...readAll(second, bufferBytes));
          second.close();
          expect(lines.map((line) => line.text)).toEqual(texts);
        },
      ),
    );
  });
});
