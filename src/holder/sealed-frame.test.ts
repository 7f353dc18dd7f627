import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  DamagedFrame,
  decodeHeader,
  decodePayload,
  decodePayloadSync,
  encodeFrame,
  frameBytes,
  headerBytes,
} from './sealed-frame.ts';

async function decode(frame: Buffer): Promise<Buffer> {
  const header = decodeHeader(frame);
  if (header === null) throw new Error('This is not a frame');
  return decodePayload(header, frame.subarray(headerBytes));
}

describe('a sealed frame', () => {
  test.for([
    ['text', Buffer.from('line\n'.repeat(1_000))],
    ['one byte', Buffer.from([0])],
    ['what cannot be compressed', randomBytes(frameBytes)],
  ] as const)('gives back %s', async ([, raw]) => {
    const frame = await encodeFrame(raw);
    expect(decodeHeader(frame)).toMatchObject({ rawLength: raw.length, payloadLength: frame.length - headerBytes });
    expect((await decode(frame)).equals(raw)).toBe(true);
  });

  test('is much smaller than what agents print', async () => {
    expect((await encodeFrame(Buffer.from('{"type":"text","text":"again"}\n'.repeat(30_000)))).length).toBeLessThan(
      10_000,
    );
  });

  test('with any bit of its payload changed is refused, and never given back as something else', async () => {
    const raw = randomBytes(200);
    const frame = await encodeFrame(raw);
    for (let bit = headerBytes * 8; bit < frame.length * 8; bit++) {
      const damaged = Buffer.from(frame);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const given = await decode(damaged).catch((error: unknown) => error);
      // Some bits of a zstd stream mean nothing.
      if (given instanceof Buffer) expect(given.equals(raw)).toBe(true);
      else expect(given).toBeInstanceOf(DamagedFrame);
    }
  });

  test('that is refused is refused at once as well', async () => {
    const frame = await encodeFrame(randomBytes(100));
    const header = decodeHeader(frame);
    if (header === null) throw new Error('This is not a frame');
    const wrong = { ...header, checksum: header.checksum ^ 1 };
    expect(() => decodePayloadSync(wrong, frame.subarray(headerBytes))).toThrow('do not match their checksum');
    expect(() => decodePayloadSync(header, frame.subarray(headerBytes + 1))).toThrow(DamagedFrame);
    expect(() => decodePayloadSync({ ...header, rawLength: 99 }, frame.subarray(headerBytes))).toThrow(DamagedFrame);
  });

  test('begins with a header that nothing else is taken for', async () => {
    const frame = await encodeFrame(Buffer.from('text'));
    for (const at of [0, 3, 4, 7]) {
      const other = Buffer.from(frame);
      other.writeUInt8(other.readUInt8(at) ^ 0x80, at);
      expect(decodeHeader(other)).toBeNull();
    }
    expect(decodeHeader(frame.subarray(0, headerBytes - 1))).toBeNull();
    expect(decodeHeader(Buffer.alloc(headerBytes))).toBeNull();
    const tooLong = Buffer.from(frame);
    tooLong.writeUInt32LE(frameBytes + 1, 8);
    expect(decodeHeader(tooLong)).toBeNull();
  });
});
