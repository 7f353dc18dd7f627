import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cgroupRoot } from './cgroup-root.ts';
import { freeze, stop, thaw } from './control.ts';
import { probe } from './probe.ts';
import { ProcessFixture, until } from './process-fixture.ts';
import type { TestProcess } from './process-fixture.ts';
import { isFrozen } from './tree-freeze.ts';

/** All of them write all the time: the agent, a child, and an orphan in a session of its own. */
const busyScript = `
  write() { while :; do echo $1; sleep 0.001; done; }
  write child &
  (setsid sh -c 'while :; do echo orphan; sleep 0.001; done' &)
  write agent`;

describe.each(['without', 'with'])('a tree %s a cgroup', (cgroups) => {
  let fixture: ProcessFixture;
  let root: string | null;
  beforeEach(async () => {
    fixture = await ProcessFixture.create('release');
    root = cgroups === 'with' ? cgroupRoot(await probe(fixture.binary, fixture.root)) : null;
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  async function begin(script: string): Promise<TestProcess> {
    const process = fixture.process();
    await process.start({ script, cgroup: root === null ? null : join(root, process.id) });
    return process;
  }

  it('is frozen when nothing of it runs any more, again and again', async () => {
    const process = await begin(busyScript);
    for (const text of ['child', 'orphan', 'agent']) await process.printed(text);
    expect(isFrozen(process.identity())).toBe(false);
    for (let round = 0; round < 10; round += 1) {
      freeze(process.directory);
      await until('the freeze', () => isFrozen(process.identity()));
      const [before, tree] = [process.out(), process.tree()];
      // As long as it takes to look through all processes a few times; each of the writers would have written in this time.
      for (let looks = 0; looks < 5; looks += 1) expect(isFrozen(process.identity())).toBe(true);
      expect(process.out()).toBe(before);
      expect(process.tree().map(({ pid }) => pid)).toEqual(tree.map(({ pid }) => pid));
      thaw(process.directory);
      await until('the thaw', () => !isFrozen(process.identity()));
      await until('more from all of them', () =>
        ['child', 'orphan', 'agent'].every((text) => process.out().slice(before.length).includes(text)),
      );
    }
  });

  it('is frozen with all threads of its programs', async () => {
    const script = `
      const { Worker } = require('node:worker_threads');
      for (let n = 0; n < 3; n += 1) new Worker('for (;;);', { eval: true });
      setTimeout(() => console.log('ready'), 50);`;
    const process = await begin(`exec '${globalThis.process.execPath}' -e "${script}"`);
    await process.printed('ready');
    expect(isFrozen(process.identity())).toBe(false);
    freeze(process.directory);
    await until('the freeze', () => isFrozen(process.identity()));
    thaw(process.directory);
    await until('the thaw', () => !isFrozen(process.identity()));
  });

  it('is not frozen when it belongs to another start of the machine, or is gone', async () => {
    const process = await begin('echo ready; exec sleep 1000');
    await process.printed('ready');
    freeze(process.directory);
    await until('the freeze', () => isFrozen(process.identity()));
    expect(isFrozen({ ...process.identity(), boot: 'another' })).toBe(false);
    stop(process.directory, 0);
    await process.ended();
    expect(isFrozen(process.identity())).toBe(false);
  });
});

describe('a tree without a cgroup', () => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create('release');
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('is not frozen any more when somebody lets one of it go on', async () => {
    const process = fixture.process();
    await process.start({ script: '(setsid sleep 1000 &) ; echo ready; sleep 1000; :' });
    await process.printed('ready');
    // Asleep, each of them: one that waits in vfork would not go on before its child does.
    await until(
      'the whole tree',
      () => process.tree().length === 3 && process.tree().every(({ state }) => state === 'S'),
    );
    freeze(process.directory);
    await until('the freeze', () => isFrozen(process.identity()));
    for (const { pid } of process.tree()) {
      await until('one to go on', () => {
        // Again and again: the holder makes sure of its freeze by another round after the first.
        globalThis.process.kill(pid, 'SIGCONT');
        return !isFrozen(process.identity());
      });
      freeze(process.directory);
      await until('the freeze', () => isFrozen(process.identity()));
    }
  });

  it('is frozen although there are dead in it that nobody has waited for', async () => {
    const process = fixture.process();
    // The program that replaces the shell knows nothing of its child, and never waits for it.
    await process.start({ script: 'sleep 0.01 & echo ready; exec sleep 1000' });
    await process.printed('ready');
    await until('the child to be dead', () => process.tree().length === 1);
    freeze(process.directory);
    await until('the freeze', () => isFrozen(process.identity()));
  });

  it('is frozen although a process waits for a child that has stopped before it executed its program', async () => {
    const process = fixture.process();
    const script = `
      const { spawn } = require('node:child_process');
      const next = () => spawn('/bin/true').on('exit', next);
      next(); next(); console.log('ready')`;
    await process.start({ argv: [globalThis.process.execPath, '-e', script] });
    await process.printed('ready');
    for (let round = 0; round < 20; round += 1) {
      freeze(process.directory);
      await until('the freeze', () => isFrozen(process.identity()));
      thaw(process.directory);
      await until('the thaw', () => !isFrozen(process.identity()));
    }
  });
});
