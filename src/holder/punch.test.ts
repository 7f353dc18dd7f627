import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stop } from './control.ts';
import { isAlive } from './identity.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';
import { CannotPunch, punchLog } from './punch.ts';

const isRoot = process.getuid?.() === 0;
const script = `head -c 100000 /dev/zero | tr '\\0' x; echo; echo ready; while read line; do echo "$line"; done; exec sleep 1000`;

describe.each(builds)('punching with the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('gives back the space of whole blocks, and leaves everything else as it was', async () => {
    const process = fixture.process();
    await process.start({ script });
    await process.printed('ready');
    const before = readFileSync(process.files.out);
    await punchLog(fixture.binary, process.directory, 'out', 50_000);
    const after = readFileSync(process.files.out);
    const punched = 50_000 - (50_000 % 4096);
    expect(after.subarray(0, punched).every((byte) => byte === 0)).toBe(true);
    expect(after.subarray(punched).equals(before.subarray(punched))).toBe(true);
    expect(statSync(process.files.out).mode & 0o777).toBe(0o400);
    if (isRoot && process.identity().append_only) expect(() => truncateSync(process.files.out)).toThrow('EPERM');
    await punchLog(fixture.binary, process.directory, 'err', 0);
  });

  it.runIf(isRoot)(
    'gives a living agent its protection back where somebody died at it, and a dead one none',
    async () => {
      const process = fixture.process();
      await process.start({ script });
      await process.printed('ready');
      const { append_only: isEnforced, holder, boot } = process.identity();
      await promisify(execFile)(fixture.binary, ['seal', process.directory]);
      await punchLog(fixture.binary, process.directory, 'out', 4096);
      if (isEnforced) expect(() => truncateSync(process.files.out)).toThrow('EPERM');
      stop(process.directory, 0);
      await until('the holder to leave', () => !isAlive(holder, boot));
      await punchLog(fixture.binary, process.directory, 'out', 8192);
      truncateSync(process.files.out);
    },
  );

  it('refuses what is no log, no length or no directory of a process', async () => {
    const { directory } = fixture.process();
    for (const args of [[], ['out'], ['in', '1'], ['out', '-1'], ['out', '1k'], ['../x', '1']]) {
      const refused = promisify(execFile)(fixture.binary, ['punch', directory, ...args]);
      await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('usage') as string });
    }
    await expect(punchLog(fixture.binary, directory, 'out', 1)).rejects.toThrow('Could not punch out.log');
  });
});

describe('punching where it cannot be', () => {
  it.each([
    ['the file system', 'echo "failed EOPNOTSUPP punch"; exit 1'],
    ['an older holder', 'echo "holder: Unknown command punch" >&2; exit 2'],
  ])('done, because of %s, is told apart from what goes wrong once', async (_, body) => {
    const fixture = await ProcessFixture.create('release');
    const binary = join(fixture.root, 'other-holder');
    writeFileSync(binary, `#!/bin/sh\n${body}\n`);
    chmodSync(binary, 0o755);
    try {
      await expect(punchLog(binary, fixture.root, 'out', 1)).rejects.toThrow(CannotPunch);
    } finally {
      await fixture.close();
    }
  });

  it('done, because the directory has gone, says nothing of others', async () => {
    const fixture = await ProcessFixture.create('release');
    try {
      const gone = punchLog(fixture.binary, join(fixture.root, 'gone'), 'out', 1);
      await expect(gone).rejects.toThrow('Could not punch');
      await expect(gone).rejects.not.toThrow(CannotPunch);
    } finally {
      await fixture.close();
    }
  });
});
