import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cgroupRoot } from './cgroup-root.ts';
import { probe } from './probe.ts';
import { builds, ProcessFixture } from './process-fixture.ts';

describe.each(builds)('the probe of the %s holder', (build) => {
  it('says what the machine allows, and leaves nothing behind', async () => {
    const fixture = await ProcessFixture.create(build);
    const found = await probe(fixture.binary, tmpdir());
    expect(found).toMatchObject({ version: 2, subreaper: true, pidfd: true, pty: true });
    const root = cgroupRoot(found);
    if (root !== null) expect(existsSync(`${root}/probe-${process.pid}`)).toBe(false);
    const { stdout } = await promisify(execFile)(fixture.binary, ['--probe']);
    expect(JSON.parse(stdout)).toMatchObject({ append_only: false, cgroup: { writable: false, kill: false } });
    expect(await fixture.close()).toBe('');
  });

  it('has no cgroups to give where one of the three abilities is missing', () => {
    const all = { root: '/sys/fs/cgroup/drover', writable: true, kill: true, freeze: true };
    expect(cgroupRoot({ cgroup: all })).toBe('/sys/fs/cgroup/drover');
    for (const missing of ['writable', 'kill', 'freeze'])
      expect(cgroupRoot({ cgroup: { ...all, [missing]: false } })).toBeNull();
  });
});
