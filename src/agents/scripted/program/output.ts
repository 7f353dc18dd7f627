import { writeSync } from 'node:fs';
import type { WireLine } from '../wire.ts';

const descriptors = { stdout: 1, stderr: 2 } as const;
const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Says one line of the protocol. It is written when this returns: no order is mixed up, and nothing is lost at an exit. */
export function emit(line: WireLine): void {
  write('stdout', Buffer.from(`${JSON.stringify(line)}\n`));
}

/** Writes all of the bytes before it returns, however slowly they are taken. */
export function write(stream: keyof typeof descriptors, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptors[stream], bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      // A pipe that somebody made non-blocking, and that is full.
      Atomics.wait(nothing, 0, 0, 1);
    }
  }
}
