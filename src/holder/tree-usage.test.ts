import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cgroupRoot } from './cgroup-root.ts';
import { stop } from './control.ts';
import { probe } from './probe.ts';
import { ProcessFixture, until } from './process-fixture.ts';
import { hasWorked, readTreeUsage } from './tree-usage.ts';

/** Long enough to be seen in clock ticks. */
const work = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done';

describe.each(['without', 'with'])('the usage of a tree %s a cgroup', (cgroups) => {
  let fixture: ProcessFixture;
  let root: string | null;
  beforeEach(async () => {
    fixture = await ProcessFixture.create('release');
    root = cgroups === 'with' ? cgroupRoot(await probe(fixture.binary, fixture.root)) : null;
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  async function begin(script: string) {
    const process = fixture.process();
    await process.start({ script, cgroup: root === null ? null : join(root, process.id) });
    return { process, usage: () => readTreeUsage(process.identity()) };
  }

  it('has every process in it, whatever its session and wherever its parent went', async () => {
    const { process, usage } = await begin(`
      sleep 1000 &
      (setsid sleep 1000 &)
      env -i setsid -f /bin/sh -c '/bin/sleep 1000; /bin/sleep 1000'
      echo ready
      sleep 1000; :`);
    await process.printed('ready');
    const read = await until('the whole tree', () => usage()?.processes === 6 && usage());
    // A shell and a sleep have more than 100 KiB each, and the holder or this very program is not among them.
    expect(read.memoryBytes).toBeGreaterThan(6 * 100 * 1024);
    expect(read.memoryBytes).toBeLessThan(6 * 20 * 1024 * 1024);
  });

  it('counts the time of the living', async () => {
    const { process, usage } = await begin('echo ready; setsid sh -c "while :; do :; done"; :');
    await process.printed('ready');
    const first = await until('a first look', usage);
    const later = await until('some work', () => (usage()?.cpuMs ?? 0) >= first.cpuMs + 100 && usage());
    expect(hasWorked(first, later, 1000)).toBe(true);
  });

  it('keeps the time of the dead: of children, and of orphans that only the holder has waited for', async () => {
    const { process, usage } = await begin(`
      sh -c '${work}'
      (setsid sh -c '${work}; echo orphan' &)
      echo child
      exec sleep 1000`);
    await process.printed('child');
    await process.printed('orphan');
    await until('only the agent to be left', () => process.tree().length === 1);
    const { cpuMs } = await until('the usage', usage);
    expect(cpuMs).toBeGreaterThanOrEqual(40);
    expect(usage()?.cpuMs).toBeGreaterThanOrEqual(cpuMs);
  });

  it('does not mistake a tree that waits for one that works', async () => {
    const { process, usage } = await begin('echo ready; exec sleep 1000');
    await process.printed('ready');
    // What the start has cost may still be on its way into the count.
    await until('a quiet moment', () => process.tree().every(({ state }) => state === 'S'));
    const first = await until('a first look', usage);
    const later = await until('a second look', usage);
    expect(hasWorked(first, later, 60_000)).toBe(false);
  });

  it('is null once the tree is gone, and where it belongs to another start of the machine', async () => {
    const { process, usage } = await begin('echo ready; exec sleep 1000');
    await process.printed('ready');
    expect(usage()).toMatchObject({ processes: 1 });
    expect(readTreeUsage({ ...process.identity(), boot: 'another' })).toBeNull();
    stop(process.directory, 0);
    await process.ended();
    expect(usage()).toBeNull();
  });

  it('can be read at any moment of a tree that comes and goes', async () => {
    const { process, usage } = await begin('echo ready; while :; do (sleep 0.001 & sleep 0.001 &); /bin/true; done');
    await process.printed('ready');
    for (let looks = 0; looks < 100; looks += 1) expect(usage()?.processes).toBeGreaterThan(0);
  });
});

describe('the usage of a cgroup', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drover-cgroup-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is found in the groups below it too, and in what its memory controller says', async () => {
    const fixture = await ProcessFixture.create('release');
    const process = fixture.process();
    await process.start({ script: 'exec sleep 1000' });
    mkdirSync(join(directory, 'made', 'by-the-agent'), { recursive: true });
    writeFileSync(join(directory, 'cpu.stat'), 'usage_usec 1234500\nuser_usec 1000000\nsystem_usec 234500\n');
    writeFileSync(join(directory, 'cgroup.procs'), '');
    writeFileSync(join(directory, 'made', 'cgroup.procs'), '71\n72\n');
    writeFileSync(join(directory, 'made', 'by-the-agent', 'cgroup.procs'), '72\n73\n');
    writeFileSync(join(directory, 'memory.current'), '409600\n');
    const usage = readTreeUsage({ ...process.identity(), cgroup: directory });
    expect(usage).toEqual({ cpuMs: 1234.5, memoryBytes: 409_600, processes: 3 });
    await fixture.close();
  });
});
