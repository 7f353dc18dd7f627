import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogBytes } from './log-bytes.ts';
import type { SealingLimits } from './log-sealer.ts';
import { LogSealer } from './log-sealer.ts';
import { ProcessFixture } from './process-fixture.ts';
import type { TestProcess } from './process-fixture.ts';
import { readLogRange } from './read-log-range.ts';
import { sealLogs } from './seal.ts';
import { DamagedFrame, frameBytes, headerBytes } from './sealed-frame.ts';
import { SealedLog } from './sealed-log.ts';

let fixture: ProcessFixture;
let process: TestProcess;
let log: Buffer;

/** An agent that has written two and a half frames of lines, none like another, and lives on. */
beforeEach(async () => {
  fixture = await ProcessFixture.create('release');
  process = fixture.process();
  const bytes = 2.5 * frameBytes;
  await process.start({
    script: `seq -f 'line %012.0f' 1 1000000 | head -c ${bytes}; echo; echo ready; exec sleep 1000`,
  });
  await process.printed('ready');
  log = readFileSync(process.files.out);
});

afterEach(() => fixture.close());

const sealerOf = (log: 'out' | 'err', beforePunch = () => Promise.resolve()) =>
  new LogSealer({ binary: fixture.binary, directory: process.directory, log, beforePunch });
const sealer = () => sealerOf('out');
const limits = (sealTo: number): SealingLimits => ({ sealTo, isEnded: false });
const everything: SealingLimits = { sealTo: Infinity, isEnded: true };
const holes = () => readFileSync(process.files.out);

/** As a server does that dies before it has punched. */
async function sealWithoutPunching(sealTo: number): Promise<void> {
  const one = sealerOf('out', () => Promise.reject(new Error('too early')));
  await one.seal(limits(sealTo)).catch(() => undefined);
  one.close();
}

async function sealWhole(of = sealer()): Promise<void> {
  while (await of.seal(everything));
  of.close();
}

/** As somebody reads it over HTTP. */
async function download(first = 0, last = log.length - 1): Promise<Buffer> {
  const place = { path: process.files.out, sealedPath: process.files.outSealed };
  const chunks: Buffer[] = [];
  for await (const chunk of readLogRange(await open(place.path), { ...place, first, last })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As the reader of lines reads it that has to go back. */
function readBack(first = 0, bufferBytes = 64 * 1024): Buffer {
  const source = new LogBytes(process.files.out, process.files.outSealed);
  const chunks: Buffer[] = [];
  for (let position = first; ; position += chunks.at(-1)?.length ?? 0) {
    const buffer = Buffer.alloc(bufferBytes);
    const count = source.read(buffer, position);
    if (count === 0) break;
    chunks.push(buffer.subarray(0, count));
  }
  source.close();
  return Buffer.concat(chunks);
}

function damage(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  writeFileSync(path, bytes);
}

async function isAppendOnly(): Promise<boolean> {
  const { stdout } = await promisify(execFile)('lsattr', [process.files.out]);
  return /^\S*a/.test(stdout);
}

describe('sealing a log', () => {
  test('takes whole frames before the limit out of a log that lives, and nothing else', async () => {
    const one = sealer();
    expect(await one.seal(limits(frameBytes - 1))).toBe(false);
    expect(statSync(process.files.outSealed, { throwIfNoEntry: false })).toBeUndefined();
    await one.seal(limits(2 * frameBytes - 1));
    one.close();
    const expected = Buffer.concat([Buffer.alloc(frameBytes), log.subarray(frameBytes)]);
    expect(holes().equals(expected)).toBe(true);
    expect(statSync(process.files.out).mode & 0o777).toBe(0o400);
    expect(await isAppendOnly()).toBe(process.identity().append_only);
    expect((await download()).equals(log)).toBe(true);
    expect(readBack().equals(log)).toBe(true);
  });

  test('punches nothing before what is committed is on disk', async () => {
    const one = sealerOf('out', () => Promise.reject(new Error('no disk')));
    await expect(one.seal(limits(2 * frameBytes))).rejects.toThrow('no disk');
    expect(holes().equals(log)).toBe(true);
    one.close();
    await sealer().seal(limits(2 * frameBytes));
    expect(holes().subarray(0, 2 * frameBytes)).toEqual(Buffer.alloc(2 * frameBytes));
  });

  test('takes all of a log that has ended, but leaves a small one as it is', async () => {
    await sealWhole();
    expect(statSync(process.files.out).size).toBe(log.length);
    expect(statSync(process.files.out).blocks * 512).toBeLessThanOrEqual(8_192);
    expect((await download()).equals(log)).toBe(true);

    const small = sealerOf('err');
    expect(await small.seal(everything)).toBe(false);
    expect(statSync(process.files.errSealed, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('gives back any range of bytes, wherever it is sealed up to', async () => {
    const one = sealer();
    const range = fc.tuple(fc.nat(log.length - 1), fc.nat(log.length - 1)).map((two) => two.toSorted((a, b) => a - b));
    for (const limit of [frameBytes, 2 * frameBytes, Infinity]) {
      await one.seal(limit === Infinity ? everything : limits(limit));
      await fc.assert(
        fc.asyncProperty(
          range,
          fc.integer({ min: 10_000, max: 200_000 }),
          async ([first = 0, last = 0], bufferBytes) => {
            expect((await download(first, last)).equals(log.subarray(first, last + 1))).toBe(true);
            expect(readBack(first, bufferBytes).equals(log.subarray(first))).toBe(true);
          },
        ),
        { numRuns: 20 },
      );
    }
    one.close();
  });

  test('gives back the right bytes where it takes them between a look and a read', async () => {
    const one = sealer();
    const place = { path: process.files.out, sealedPath: process.files.outSealed, first: 0, last: log.length - 1 };
    const handle = await open(place.path);
    const read = handle.read.bind(handle) as (...args: unknown[]) => unknown;
    let reads = 0;
    handle.read = (async (...args: unknown[]) => {
      await one.seal(limits(++reads * frameBytes));
      return await read(...args);
    }) as typeof handle.read;
    const chunks: Buffer[] = [];
    for await (const chunk of readLogRange(handle, place)) chunks.push(chunk);
    one.close();
    expect(Buffer.concat(chunks).equals(log)).toBe(true);
  });

  test('serves no hole for the bytes of a log that was removed while it was read', async () => {
    const one = sealer();
    await one.seal(limits(2 * frameBytes));
    one.close();
    const place = { path: process.files.out, sealedPath: process.files.outSealed, first: 0, last: log.length - 1 };
    const reading = readLogRange(await open(place.path), place);
    await sealLogs(fixture.binary, process.directory);
    rmSync(process.files.out);
    rmSync(process.files.outSealed);
    await expect(reading.next()).rejects.toThrow('no longer there');
  });

  test('whose frame the disk would not take goes on with that frame, and punches nothing before', async () => {
    const handle = await open(process.files.out);
    const prototype = Object.getPrototypeOf(handle) as { datasync: () => Promise<void> };
    await handle.close();
    const { datasync } = prototype;
    let calls = 0;
    prototype.datasync = function (this: typeof handle) {
      // The log's own comes first, then the frame's.
      return ++calls === 2 ? Promise.reject(new Error('EIO')) : datasync.call(this);
    };
    try {
      const one = sealer();
      await expect(one.seal(limits(frameBytes))).rejects.toThrow('EIO');
      expect(statSync(process.files.outSealed).size).toBe(0);
      await one.seal(limits(frameBytes));
      one.close();
      expect(calls).toBe(4);
    } finally {
      prototype.datasync = datasync;
    }
    expect((await download()).equals(log)).toBe(true);
  });

  test('leaves what is written to a log after it was sealed whole', async () => {
    await sealWhole();
    await sealLogs(fixture.binary, process.directory);
    chmodSync(process.files.out, 0o600);
    appendFileSync(process.files.out, 'late\n');
    const one = sealer();
    expect(await one.seal(everything)).toBe(false);
    one.close();
    expect((await download(0, log.length + 4)).equals(Buffer.concat([log, Buffer.from('late\n')]))).toBe(true);
  });

  test('gives back the right bytes while it goes on', async () => {
    const one = sealer();
    const place = { path: process.files.out, sealedPath: process.files.outSealed, first: 0, last: log.length - 1 };
    const chunks: Buffer[] = [];
    for await (const chunk of readLogRange(await open(place.path), place)) {
      chunks.push(chunk);
      await one.seal(limits(chunks.length * frameBytes));
    }
    one.close();
    expect(Buffer.concat(chunks).equals(log)).toBe(true);
  });
});

describe('what a server that died has left of its last frame', () => {
  beforeEach(async () => {
    const one = sealer();
    await one.seal(limits(frameBytes));
    one.close();
    await sealWithoutPunching(2 * frameBytes);
  });

  test('is cut off wherever it broke off, and sealed again', async () => {
    const sealed = readFileSync(process.files.outSealed);
    const index = new SealedLog(process.files.outSealed);
    index.refresh();
    const first = index.frameAt(0);
    index.close();
    const second = (first?.place ?? 0) + (first?.payloadLength ?? 0);
    for (const length of [second + 1, second + headerBytes - 1, second + headerBytes, sealed.length - 1]) {
      writeFileSync(process.files.outSealed, sealed.subarray(0, length));
      expect((await download()).equals(log)).toBe(true);
      expect(readBack().equals(log)).toBe(true);
      await sealWithoutPunching(2 * frameBytes);
      expect(readFileSync(process.files.outSealed).equals(sealed)).toBe(true);
    }
  });

  test.for(['damaged', 'followed by zeros'])('is written again where it is %s on disk', async (how) => {
    const sealed = readFileSync(process.files.outSealed);
    if (how === 'damaged') damage(process.files.outSealed, sealed.length - 10);
    else appendFileSync(process.files.outSealed, Buffer.alloc(5_000));
    const next = sealer();
    await next.seal(limits(2 * frameBytes));
    next.close();
    expect(readFileSync(process.files.outSealed).equals(sealed)).toBe(true);
    expect((await download()).equals(log)).toBe(true);
  });
});

describe('damage to what is sealed', () => {
  beforeEach(() => sealWhole());

  test('is reported by whoever reads those bytes, and hides no others', async () => {
    damage(process.files.outSealed, 1_000);
    await expect(download()).rejects.toThrow(/^The bytes 0 to 1048575 of a log cannot be read from ".*out.sealed"/);
    expect(() => readBack()).toThrow(DamagedFrame);
    expect((await download(frameBytes)).equals(log.subarray(frameBytes))).toBe(true);
    expect(readBack(frameBytes).equals(log.subarray(frameBytes))).toBe(true);
  });

  test.for(['whose end is missing', 'whose last header is damaged'])(
    '%s is not cut off, for the log has a hole there',
    async (how) => {
      const { size } = statSync(process.files.outSealed);
      const index = new SealedLog(process.files.outSealed);
      index.refresh();
      const place = index.last?.place ?? 0;
      index.close();
      if (how === 'whose end is missing') truncateSync(process.files.outSealed, size - 1);
      else damage(process.files.outSealed, place - headerBytes);
      const before = readFileSync(process.files.outSealed);
      await expect(sealer().seal(everything)).rejects.toThrow('are lost');
      expect(readFileSync(process.files.outSealed).equals(before)).toBe(true);
      await expect(download()).rejects.toThrow(DamagedFrame);
      expect(() => readBack()).toThrow(DamagedFrame);
      expect((await download(0, 2 * frameBytes - 1)).equals(log.subarray(0, 2 * frameBytes))).toBe(true);
    },
  );
});

describe('a log that was cut short', () => {
  test('is not taken for what was sealed of it, and is sealed anew', async () => {
    const one = sealer();
    await one.seal(limits(2 * frameBytes));
    await sealLogs(fixture.binary, process.directory);
    rmSync(process.files.out);
    writeFileSync(process.files.out, 'another log\n', { mode: 0o400 });
    expect(await one.seal(limits(2 * frameBytes))).toBe(false);
    expect((await download(0, 11)).toString()).toBe('another log\n');
    expect(readBack().toString()).toBe('another log\n');
    const source = new LogBytes(process.files.out, process.files.outSealed);
    source.restart();
    source.close();
    expect(statSync(process.files.outSealed, { throwIfNoEntry: false })).toBeUndefined();
    one.close();
  });
});
