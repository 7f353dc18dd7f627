import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holderBinary } from '../../holder/build-holder.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import { processFiles } from '../../holder/process-directory.ts';
import { until } from '../../holder/process-fixture.ts';
import { frameBytes } from '../../holder/sealed-frame.ts';
import { LogSealing } from './log-sealing.ts';

let directory: string;
let said: { level: number; msg: string }[];
let sealing: LogSealing;
let flush: Promise<void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-sealing-'));
  said = [];
  flush = Promise.resolve();
});

afterEach(async () => {
  await sealing.stop();
  rmSync(directory, { recursive: true });
});

function start(binary: string): void {
  const logger = pino({}, { write: (text) => void said.push(JSON.parse(text) as (typeof said)[number]) });
  const log = { flush: () => flush };
  sealing = new LogSealing({ holderBinary: binary, log, logger });
}

/** A holder that answers every punch in one way. */
function answering(body: string): string {
  const binary = join(directory, 'holder');
  writeFileSync(binary, `#!/bin/sh\necho x >> '${directory}/punches'\n${body}\n`);
  chmodSync(binary, 0o755);
  return binary;
}

/** The directory of a process with so many frames in its log. */
function processWith(name: string, frames: number): ProcessFiles {
  const files = processFiles(join(directory, name));
  mkdirSync(files.directory);
  writeFileSync(files.pid, '{"version":2,"reads":2}');
  writeFileSync(files.lock, '');
  writeFileSync(files.out, Buffer.alloc(frames * frameBytes, `${name} `), { mode: 0o400 });
  writeFileSync(files.err, 'little', { mode: 0o400 });
  return files;
}

const upTo = (outOffset: number) => ({ outOffset, errOffset: 6 });
const isSealed = ({ out }: ProcessFiles) => statSync(out).blocks * 512 < frameBytes;

describe('the sealing of many logs', () => {
  test('takes nothing out of a log before what is committed of it is on disk', async () => {
    const onDisk = Promise.withResolvers<undefined>();
    flush = onDisk.promise.then(() => undefined);
    const asked = Promise.withResolvers<undefined>();
    const logger = pino({ level: 'silent' });
    const log = { flush: () => (asked.resolve(undefined), flush) };
    sealing = new LogSealing({ holderBinary: await holderBinary(), log, logger });
    const files = processWith('one', 4);
    sealing.committed(files, upTo(4 * frameBytes));
    await asked.promise;
    expect(readFileSync(files.out).equals(Buffer.alloc(4 * frameBytes, 'one '))).toBe(true);
    onDisk.resolve(undefined);
    await until('the hole', () => statSync(files.out).blocks * 512 < 2 * frameBytes);
  });

  test('goes through all of them, large and small', async () => {
    start(await holderBinary());
    const large = processWith('large', 20);
    const others = ['a', 'b', 'c'].map((name) => processWith(name, 2));
    for (const files of [large, ...others]) sealing.ended(files);
    await until('all to be sealed', () => [large, ...others].every(isSealed));
    expect([large, ...others].some(({ errSealed }) => existsSync(errSealed))).toBe(false);
    expect(said).toEqual([]);
  });

  test('leaves logs whole where they cannot be punched, and says so once', async () => {
    start(answering('echo "failed EOPNOTSUPP punch"; exit 1'));
    const logs = ['a', 'b', 'c'].map((name) => processWith(name, 2));
    for (const files of logs) sealing.ended(files);
    await until('the news', () => said.length > 0);
    await sealing.stop();
    expect(said.map(({ msg }) => msg)).toEqual([expect.stringContaining('cannot punch')]);
    expect(logs.filter(isSealed)).toEqual([]);
  });
});
