import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { failpoint, hasFailpoint } from '../kernel/failpoint.ts';
import { processFiles } from './process-directory.ts';

/** The end of stdin: everything before it is forwarded, then it is closed. */
export const eofFrame: Buffer = Buffer.alloc(4);

/** Payload with its length before it, 32 bits little-endian. An empty payload is the end of stdin. */
export function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(payload.length);
  return Buffer.concat([header, payload]);
}

/** How much is written, in bytes. Frames are written in order, so what lies within is whole. */
export function spoolSize(directory: string): number {
  return statSync(processFiles(directory).in, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Writes a frame at its place in the spool, the same again after a crash, and returns the place of the next one. Frames are written
 * in order: after a hole the holder would read zeroes, and a zero is the end of stdin.
 */
export function writeFrame(directory: string, offset: number, payload: Uint8Array): number {
  const bytes = payload.length === 0 ? eofFrame : frame(payload);
  const fd = openSync(processFiles(directory).in, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    const { size } = fstatSync(fd);
    if (size < offset) throw new Error(`A frame at ${offset} would leave a hole in a spool of ${size} bytes`);
    if (hasFailpoint('message-half-written')) {
      writeSync(fd, bytes, 0, bytes.length >> 1, offset);
      failpoint('message-half-written');
    }
    let written = 0;
    while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written, offset + written);
  } finally {
    closeSync(fd);
  }
  return offset + bytes.length;
}
