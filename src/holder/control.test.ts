import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { cgroupRoot } from './cgroup-root.ts';
import { freeze, signal, stop, thaw, wake } from './control.ts';
import { isAlive } from './identity.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';
import { probe } from './probe.ts';
import { findByCookie } from './sweep.ts';

/** Stopped, or waiting in vfork for a child that is. */
function standsStill(pid: number): boolean {
  try {
    return /\) [TD] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // It has gone since it was listed.
  }
}

/** A child, a grandchild whose parent is gone, one in a session of its own, and two more whose environment is scrubbed. */
const hostileScript = `
  trap '' TERM
  sleep 1000 &
  (sleep 1000 & sleep 1000 &)
  setsid sleep 1000 &
  env -i setsid -f /bin/sh -c '(/bin/sleep 1000 &) ; /bin/sleep 1000; /bin/sleep 1000'
  echo ready
  while :; do sleep 1000; done`;

const stubborn = `trap '' TERM; echo ready; while :; do sleep 1000; done`;

describe.each(builds)('commands to the %s holder', (build) => {
  let fixture: ProcessFixture;
  let root: string | null;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
    root = cgroupRoot(await probe(fixture.binary, fixture.root));
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('stop an agent that lets itself be told, long before the grace is over', async () => {
    const process = fixture.process();
    await process.start({
      script: `trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done`,
      graceMs: 60_000,
    });
    await process.printed('ready');
    stop(process.directory);
    expect(await process.ended()).toMatchObject({ code: 3, signal: null, stopped: true });
    expect(process.out()).toBe('ready\nbye\n');
  });

  it('kill one that ignores TERM when the grace is over', async () => {
    const process = fixture.process();
    await process.start({ script: stubborn, graceMs: 200 });
    await process.printed('ready');
    const asked = systemClock.monotonic();
    stop(process.directory);
    expect(await process.ended()).toMatchObject({ code: null, signal: 'SIGKILL', stopped: true });
    expect(systemClock.monotonic() - asked).toBeGreaterThanOrEqual(200);
  });

  it('shorten the grace by a second stop, and lengthen it by none', async () => {
    const process = fixture.process();
    await process.start({ script: stubborn });
    await process.printed('ready');
    stop(process.directory, 3_600_000);
    stop(process.directory, 50);
    stop(process.directory, 3_600_000);
    expect(await process.ended()).toMatchObject({ signal: 'SIGKILL' });
  });

  it.each(['without', 'with'])('leave nothing of a hostile tree, %s a cgroup', async (cgroups) => {
    const process = fixture.process();
    const cgroup = cgroups === 'with' && root !== null ? join(root, process.id) : null;
    await process.start({ script: hostileScript, graceMs: 50, cgroup });
    await process.printed('ready');
    const tree = await until('the whole tree', () => process.tree().length >= 8 && process.tree());
    const { boot } = process.identity();
    stop(process.directory);
    const { reaped } = await process.ended();
    expect(tree.filter((member) => isAlive(member, boot))).toEqual([]);
    expect(reaped).toBeGreaterThanOrEqual(6);
    if (cgroup !== null) expect(existsSync(cgroup)).toBe(false);
  });

  it('leave nothing of a tree that forks faster than it dies', async () => {
    const process = fixture.process();
    await process.start({
      script: `trap '' TERM; fork() { sleep 0.05; fork & fork & }; echo ready; fork & while :; do sleep 1; done`,
    });
    await process.printed('ready');
    await until('a crowd', () => process.tree().length > 30);
    stop(process.directory, 0);
    await process.ended();
    expect(findByCookie().get(process.id)).toBeUndefined();
  });

  it.each(['stopped by somebody', 'frozen'])('stop an agent that is %s', async (how) => {
    const process = fixture.process();
    await process.start({ script: `trap 'exit 4' TERM; echo ready; while :; do sleep 0.01; done`, graceMs: 60_000 });
    await process.printed('ready');
    if (how === 'frozen') freeze(process.directory);
    else signal(process.directory, 'SIGSTOP');
    await until('the agent to stand still', () => standsStill(process.identity().agent.pid));
    stop(process.directory);
    expect(await process.ended()).toMatchObject({ code: 4 });
  });

  it.each(['without', 'with'])('freeze the whole tree and thaw it, %s a cgroup', async (cgroups) => {
    const process = fixture.process();
    const cgroup = cgroups === 'with' && root !== null ? join(root, process.id) : null;
    await process.start({
      script: `(while :; do echo a; sleep 0.01; done) & while :; do echo b; sleep 0.01; done`,
      cgroup,
    });
    await process.printed('a');
    freeze(process.directory);
    const isFrozen = () =>
      cgroup === null
        ? process.tree().every(({ pid }) => standsStill(pid))
        : readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('frozen 1');
    await until('all to stand still', isFrozen);
    const size = process.out().length;
    thaw(process.directory);
    await until('more output', () => process.out().length > size);
    if (cgroup !== null) {
      freeze(process.directory);
      await until('all to stand still', isFrozen);
    }
    stop(process.directory, 0);
    expect(await process.ended()).toMatchObject({ signal: 'SIGKILL' });
  });

  it('signal the agent alone', async () => {
    const process = fixture.process();
    await process.start({ script: `trap 'echo usr1' USR1; echo ready; while :; do sleep 0.01; done` });
    await process.printed('ready');
    signal(process.directory, 'SIGUSR1');
    await process.printed('usr1');
  });

  it('are understood line by line, however they arrive, and ignored when they are no commands', async () => {
    const process = fixture.process();
    await process.start({ script: 'echo ready; exec sleep 1000' });
    await process.printed('ready');
    const junk = ['', 'stop now', 'stopp', 'signal', 'signal 0', 'signal 99', 'size 0 0', ' ', 'x'.repeat(3000), '\0'];
    writeFileSync(process.files.ctl, `${junk.join('\n')}\n`);
    for (const piece of ['sig', 'nal 1', '5\n']) writeFileSync(process.files.ctl, piece);
    expect(await process.ended()).toMatchObject({ signal: 'SIGTERM', stopped: false });
  });

  it('are not handed over where no holder reads', async () => {
    const process = fixture.process();
    expect(wake(process.directory)).toBe(false);
    await process.start({ script: 'exec sleep 1000' });
    const { holder, boot } = process.identity();
    expect(stop(process.directory, 0)).toBe(true);
    await until('the holder to go', () => !isAlive(holder, boot));
    expect(stop(process.directory)).toBe(false);
  });
});
