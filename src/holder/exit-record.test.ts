import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signal } from './control.ts';
import { isAlive } from './identity.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';

describe.each(builds)('the exit record of the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('has the exit code', async () => {
    const process = fixture.process();
    const before = Date.now();
    await process.start({ script: 'exit 42' });
    const record = await process.ended();
    expect(record).toMatchObject({
      version: 2,
      reads: 2,
      code: 42,
      signal: null,
      core: false,
      left: 0,
      reaped: 0,
      stopped: false,
      expired: false,
    });
    expect(record.at_ms).toBeGreaterThanOrEqual(before);
    expect(statSync(process.files.exit).mode & 0o777).toBe(0o600);
  });

  it.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const)('has the signal %s', async (name) => {
    const process = fixture.process();
    await process.start({ script: 'echo ready; exec sleep 1000' });
    await process.printed('ready');
    signal(process.directory, name);
    expect(await process.ended()).toMatchObject({ code: null, signal: name });
  });

  it('comes although a grandchild holds stdout open and ignores TERM, which is then dead', async () => {
    const process = fixture.process();
    await process.start({ script: `(trap '' TERM; setsid sleep 1000 &) ; sleep 0.1; exit 7`, leftoverGraceMs: 100 });
    const tree = await until('the grandchild', () => process.tree().length > 0 && process.tree());
    const record = await process.ended();
    expect(record).toMatchObject({ code: 7, stopped: false });
    expect(record.left).toBeGreaterThanOrEqual(1);
    expect(record.reaped).toBeGreaterThanOrEqual(1);
    const { boot } = process.identity();
    expect(tree.filter((member) => isAlive(member, boot))).toEqual([]);
  });

  it('counts the orphans that were buried while a storm of them went by', async () => {
    const process = fixture.process();
    await process.start({ script: 'for i in $(seq 300); do (true &) ; done; exit 0' });
    const record = await process.ended();
    expect(record.code).toBe(0);
    expect(record.reaped).toBeGreaterThanOrEqual(250);
  });
});
