import { promisify } from 'node:util';
import { crc32, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';

/** How much of a log one frame holds; only the last frame of a log that has ended may hold less. */
export const frameBytes = 1024 * 1024;

/**
 * A frame: the magic "DRVF", then four numbers (32 bits, little-endian), version, raw length, payload length and checksum (CRC-32) of
 * the raw bytes; then the payload, the raw bytes as one zstd stream.
 */
export const headerBytes = 20;

const magic = Buffer.from('DRVF');
const version = 1;
/** What cannot be compressed becomes a little longer. */
const maxPayloadBytes = frameBytes + 64 * 1024;

export interface FrameHeader {
  readonly rawLength: number;
  readonly payloadLength: number;
  readonly checksum: number;
}

/** A sealed frame is not what was written. Its bytes are lost: they must not be served, nor the frames behind it doubted. */
export class DamagedFrame extends Error {
  override readonly name = 'DamagedFrame';
}

export async function encodeFrame(raw: Uint8Array): Promise<Buffer> {
  const payload = await promisify(zstdCompress)(raw);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  [version, raw.length, payload.length, crc32(raw)].forEach((value, index) =>
    header.writeUInt32LE(value, 4 + 4 * index),
  );
  return Buffer.concat([header, payload]);
}

/** Null where this is not the beginning of a frame. */
export function decodeHeader(bytes: Buffer): FrameHeader | null {
  if (bytes.length < headerBytes || bytes.compare(magic, 0, magic.length, 0, magic.length) !== 0) return null;
  const [found, rawLength = 0, payloadLength = 0, checksum = 0] = [4, 8, 12, 16].map((at) => bytes.readUInt32LE(at));
  const isPossible = rawLength > 0 && rawLength <= frameBytes && payloadLength > 0 && payloadLength <= maxPayloadBytes;
  return found === version && isPossible ? { rawLength, payloadLength, checksum } : null;
}

/** The raw bytes of a frame; rejects with DamagedFrame where they are not those that were sealed. */
export async function decodePayload(header: FrameHeader, payload: Uint8Array): Promise<Buffer> {
  const raw = await promisify(zstdDecompress)(payload, { maxOutputLength: frameBytes }).catch(undecodable);
  return checked(header, raw);
}

export function decodePayloadSync(header: FrameHeader, payload: Uint8Array): Buffer {
  let raw: Buffer;
  try {
    raw = zstdDecompressSync(payload, { maxOutputLength: frameBytes });
  } catch (error) {
    undecodable(error);
  }
  return checked(header, raw);
}

function checked({ rawLength, checksum }: FrameHeader, raw: Buffer): Buffer {
  if (raw.length === rawLength && crc32(raw) === checksum) return raw;
  throw new DamagedFrame('its bytes do not match their checksum');
}

function undecodable(cause: unknown): never {
  throw new DamagedFrame('it cannot be decompressed', { cause });
}
