import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resize, stop, wake } from './control.ts';
import { builds, ProcessFixture } from './process-fixture.ts';
import { writeFrame } from './spool.ts';

describe.each(builds)('an agent in a terminal of the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('has a terminal of 50 by 200 as stdin, stdout and stderr, and as its own', async () => {
    const process = fixture.process();
    await process.start({
      mode: 'pty',
      script: 'test -t 0 -a -t 1 -a -t 2 && echo yes; stty size; echo own > /dev/tty',
    });
    expect((await process.ended()).code).toBe(0);
    expect(process.out()).toBe('yes\r\n50 200\r\nown\r\n');
    expect(readFileSync(process.files.err, 'utf8')).toBe('');
  });

  it('is told when its size changes', async () => {
    const process = fixture.process();
    const script = `trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done`;
    await process.start({ mode: 'pty', script, size: { rows: 24, cols: 80 } });
    await process.printed('ready');
    resize(process.directory, 33, 77);
    await process.ended();
    expect(process.out()).toContain('33 77\r\n');
  });

  it('reads what is written to the spool, up to its end', async () => {
    const process = fixture.process();
    await process.start({ mode: 'pty', stdin: 'stream', script: 'stty -echo; echo ready; cat; echo end' });
    await process.printed('ready');
    const offset = writeFrame(process.directory, 0, Buffer.from('typed\n'));
    writeFrame(process.directory, offset, Buffer.alloc(0));
    wake(process.directory);
    await process.ended();
    expect(process.out()).toBe('ready\r\ntyped\r\nend\r\n');
  });

  it('loses nothing of what it prints before it exits', async () => {
    const process = fixture.process();
    await process.start({ mode: 'pty', script: 'seq 20000' });
    await process.ended();
    const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join('');
    expect(process.out()).toBe(expected);
  });

  it('can be stopped while it floods the terminal, or after it has let go of it', async () => {
    const [flooding, detached] = [fixture.process(), fixture.process()];
    await flooding.start({ mode: 'pty', script: 'yes' });
    await detached.start({ mode: 'pty', script: 'echo ready; exec sleep 1000 <&- >&- 2>&-' });
    await flooding.printed('y');
    await detached.printed('ready');
    for (const process of [flooding, detached]) {
      stop(process.directory, 0);
      expect(await process.ended()).toMatchObject({ signal: 'SIGKILL' });
    }
  });
});
