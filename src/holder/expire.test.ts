import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { expire, freeze, stop } from './control.ts';
import type { TestProcess } from './process-fixture.ts';
import { builds, ProcessFixture } from './process-fixture.ts';

const obedient = `trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done`;
const stubborn = `trap '' TERM; echo ready; while :; do sleep 1000; done`;

describe.each(builds)('the dead man’s switch of the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  async function started(script: string, graceMs = 60_000): Promise<TestProcess> {
    const process = fixture.process();
    await process.start({ script, graceMs });
    await process.printed('ready');
    return process;
  }

  it('stops an agent of which nobody says anything any more, and says so', async () => {
    const process = await started(obedient);
    const asked = systemClock.monotonic();
    expire(process.directory, 100);
    expect(await process.ended()).toMatchObject({ code: 3, signal: null, stopped: true, expired: true });
    expect(systemClock.monotonic() - asked).toBeGreaterThanOrEqual(99);
    expect(process.out()).toBe('ready\nbye\n');
  });

  it('kills one that ignores TERM when the grace given at the start is over', async () => {
    const process = await started(stubborn, 50);
    expire(process.directory, 0.1);
    expect(await process.ended()).toMatchObject({ signal: 'SIGKILL', stopped: true, expired: true });
  });

  it('stops one that is frozen', async () => {
    const process = await started(obedient);
    freeze(process.directory);
    expire(process.directory, 1);
    expect(await process.ended()).toMatchObject({ code: 3, expired: true });
  });

  it('can be called off, or set anew, as long as its time has not come', async () => {
    const [off, later, never, measure] = await Promise.all(Array.from({ length: 4 }, () => started(obedient)));
    if (!off || !later || !never || !measure) throw new Error('unreachable');
    writeFileSync(off.files.ctl, 'expire 20\nexpire 0\n');
    writeFileSync(later.files.ctl, 'expire 20\nexpire 3600000\n');
    expire(never.directory, Number.MAX_SAFE_INTEGER);
    expire(measure.directory, 100);
    expect(await measure.ended()).toMatchObject({ expired: true });
    for (const process of [off, later, never]) {
      stop(process.directory);
      expect(await process.ended()).toMatchObject({ code: 3, stopped: true, expired: false });
    }
  });

  it('does not stop an agent about which something was said in time, however late the holder hears of it', async () => {
    const [late, measure] = await Promise.all([started(`trap 'echo set' USR1; ${obedient}`), started(obedient)]);
    const { holder } = late.identity();
    writeFileSync(late.files.ctl, 'expire 1000\nsignal 10\n');
    await late.printed('set');
    process.kill(holder.pid, 'SIGSTOP');
    expire(measure.directory, 1_000);
    await measure.ended();
    writeFileSync(late.files.ctl, 'expire 0\nstop\n');
    process.kill(holder.pid, 'SIGCONT');
    expect(await late.ended()).toMatchObject({ stopped: true, expired: false });
  });

  it('says nothing of a stop that somebody had asked for before', async () => {
    const process = await started(stubborn, 300);
    writeFileSync(process.files.ctl, 'expire 100\nstop\n');
    expect(await process.ended()).toMatchObject({ signal: 'SIGKILL', stopped: true, expired: false });
  });

  it('is not set by what is no time', async () => {
    const [process, measure] = await Promise.all([started(obedient), started(obedient)]);
    writeFileSync(process.files.ctl, 'expire\nexpire now\nexpire -1\nexpire 5s\nexpire 99999999999\n');
    expire(measure.directory, 50);
    await measure.ended();
    stop(process.directory);
    expect(await process.ended()).toMatchObject({ expired: false });
  });
});
