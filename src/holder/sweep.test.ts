import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cgroupRoot } from './cgroup-root.ts';
import { readExitRecord } from './exit-record.ts';
import { isAlive } from './identity.ts';
import { probe } from './probe.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';
import type { TestProcess } from './process-fixture.ts';
import { readProcessTable } from './process-table.ts';
import { sealLogs } from './seal.ts';
import { findByCookie, killTree } from './sweep.ts';

/** An agent with survivors: in sessions of their own, deaf to TERM, one of them without the cookie below one that has it. */
const script = `
  trap '' TERM
  setsid sleep 1000 &
  setsid /bin/sh -c 'env -i /bin/sleep 1000; :' &
  echo ready
  while :; do sleep 1000; done`;

describe.each(builds)('after the loss of the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  async function loseHolder(process: TestProcess, cgroup: string | null) {
    await process.start({ script, cgroup });
    await process.printed('ready');
    const tree = await until('the whole tree', () => process.tree().length >= 5 && process.tree());
    const { holder, agent, boot } = process.identity();
    globalThis.process.kill(holder.pid, 'SIGKILL');
    await until('the agent to die with it', () => !isAlive(agent, boot));
    return { survivors: () => tree.filter((member) => isAlive(member, boot)), agent };
  }

  it('the agent dies, and its survivors are found by their cookie and killed', async () => {
    const process = fixture.process();
    const { survivors, agent } = await loseHolder(process, null);
    expect(survivors().length).toBeGreaterThanOrEqual(3);
    expect(findByCookie().get(process.id)?.length).toBeGreaterThanOrEqual(2);
    const killed = await killTree(process.id);
    expect(survivors()).toEqual([]);
    expect(killed.length).toBeGreaterThanOrEqual(3);
    expect(killed).not.toContain(agent.pid);
    expect(findByCookie().has(process.id)).toBe(false);
    expect(readExitRecord(process.directory)).toBeNull();
  });

  it('its cgroup is emptied and removed', async () => {
    const root = cgroupRoot(await probe(fixture.binary, fixture.root));
    const process = fixture.process();
    const cgroup = root === null ? null : join(root, process.id);
    const { survivors } = await loseHolder(process, cgroup);
    await killTree(process.id, { cgroup });
    expect(survivors()).toEqual([]);
    expect(cgroup !== null && existsSync(cgroup)).toBe(false);
  });

  it('the logs can be made ordinary files again', async () => {
    const process = fixture.process();
    await loseHolder(process, null);
    expect(readFileSync(process.files.out, 'utf8')).toBe('ready\n');
    await sealLogs(fixture.binary, process.directory);
    await sealLogs(fixture.binary, process.directory);
    if (globalThis.process.getuid?.() === 0) truncateSync(process.files.out);
  });
});

describe('killTree', () => {
  it('spares those that it is told to, and others', async () => {
    const fixture = await ProcessFixture.create('release');
    const [mine, other] = [fixture.process(), fixture.process()];
    await Promise.all([mine, other].map((process) => process.start({ script: 'exec sleep 1000' })));
    const { agent, boot } = mine.identity();
    expect(await killTree(mine.id, { exceptPids: [agent.pid] })).toEqual([]);
    expect(isAlive(agent, boot)).toBe(true);
    expect(await killTree(mine.id)).toEqual([agent.pid]);
    expect(isAlive(other.identity().agent, boot)).toBe(true);
    expect(await mine.ended()).toMatchObject({ signal: 'SIGKILL' });
    await fixture.close();
  });

  it('finds no process that has no cookie of ours', () => {
    const ids = [...findByCookie().values()].flat();
    expect(readProcessTable().length).toBeGreaterThan(ids.length);
  });
});
