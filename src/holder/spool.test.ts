import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signal, wake } from './control.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';
import { readProcessTable } from './process-table.ts';
import { frame, writeFrame } from './spool.ts';

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];

describe.each(builds)('stdin under the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  const write = (directory: string, ...payloads: readonly string[]) => {
    let offset = 0;
    for (const payload of payloads) offset = writeFrame(directory, offset, Buffer.from(payload));
    wake(directory);
    return offset;
  };

  it('is /dev/null where there is none', async () => {
    const process = fixture.process();
    await process.start({ script: 'readlink /proc/self/fd/0; cat', stdin: 'none' });
    expect((await process.ended()).code).toBe(0);
    expect(process.out()).toBe('/dev/null\n');
  });

  it('ends after the first frame in oneshot, which may be there before the start', async () => {
    const process = fixture.process();
    write(process.directory, 'first', 'second');
    await process.start({ script: 'cat; echo .', stdin: 'oneshot' });
    await process.ended();
    expect(process.out()).toBe('first.\n');
  });

  it('goes on frame after frame in stream, until its end is written', async () => {
    const process = fixture.process();
    await process.start({ argv: ['/bin/cat'], stdin: 'stream' });
    const many = Array.from({ length: 500 }, (_, index) => `${index}\n`);
    let offset = write(process.directory, ...many);
    await process.printed('499\n');
    offset = writeFrame(process.directory, offset, Buffer.from('late\n'));
    writeFrame(process.directory, offset, Buffer.alloc(0));
    wake(process.directory);
    expect((await process.ended()).code).toBe(0);
    expect(process.out()).toBe(`${many.join('')}late\n`);
  });

  it('notices a frame without being woken', async () => {
    const process = fixture.process();
    await process.start({ argv: ['/bin/cat'], stdin: 'stream' });
    writeFrame(process.directory, 0, Buffer.from('unannounced\n'));
    await process.printed('unannounced\n');
  });

  it('holds a frame back until all of it is there', async () => {
    const process = fixture.process();
    await process.start({ argv: ['/bin/cat'], stdin: 'stream' });
    const first = write(process.directory, 'before\n');
    const whole = frame(Buffer.from('in one piece\n'));
    const fd = openSync(process.files.in, 'r+');
    for (const length of [2, 4, 9]) {
      writeSync(fd, whole, 0, length, first);
      wake(process.directory);
      // The holder has come back to its loop, after the wake, when it carries this out.
      signal(process.directory, 'SIGSTOP');
      await until('the agent to stop', () => stateOf(process.identity().agent.pid) === 'T');
      signal(process.directory, 'SIGCONT');
    }
    await process.printed('before\n');
    expect(process.out()).toBe('before\n');
    writeSync(fd, whole, 0, whole.length, first);
    closeSync(fd);
    wake(process.directory);
    await process.printed('before\nin one piece\n');
  });

  it('delivers ten megabytes whole to an agent that was stopped, and meanwhile obeys', async () => {
    const process = fixture.process();
    await process.start({ argv: ['/usr/bin/md5sum'], stdin: 'oneshot' });
    const { agent, holder } = process.identity();
    signal(process.directory, 'SIGSTOP');
    await until('the agent to stop', () => stateOf(agent.pid) === 'T');
    const payload = Buffer.alloc(10 * 1024 * 1024, 'ten megabytes ');
    writeFrame(process.directory, 0, payload);
    wake(process.directory);
    await until('the holder to wait for the agent', () => stateOf(holder.pid) === 'S');
    signal(process.directory, 'SIGCONT');
    await process.ended();
    expect(process.out()).toBe(`${createHash('md5').update(payload).digest('hex')}  -\n`);
  });

  it('lets an agent close its stdin and live on', async () => {
    const process = fixture.process();
    await process.start({ script: 'exec 0<&-; echo closed; exec sleep 1000', stdin: 'stream' });
    await process.printed('closed');
    write(process.directory, 'x'.repeat(100_000), 'y');
    signal(process.directory, 'SIGTERM');
    expect(await process.ended()).toMatchObject({ signal: 'SIGTERM', stopped: false });
  });

  it('does not use the processor while the agent does not read', async () => {
    const process = fixture.process();
    await process.start({ script: 'exec sleep 1000', stdin: 'stream' });
    write(process.directory, 'x'.repeat(1_000_000));
    const { holder } = process.identity();
    const turns = () =>
      Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${holder.pid}/status`, 'utf8'))?.[1]);
    await until('the holder to have slept', () => stateOf(holder.pid) === 'S');
    const before = turns();
    await until('the next sweep', () => turns() > before);
    expect(turns() - before).toBeLessThan(20);
    expect(readProcessTable().some(({ pid }) => pid === holder.pid)).toBe(true);
  });
});

describe('writeFrame', () => {
  it('writes the same at the same place again, and refuses to leave a hole', async () => {
    const fixture = await ProcessFixture.create('release');
    const { directory, files } = fixture.process();
    const next = writeFrame(directory, 0, Buffer.from('abc'));
    expect(next).toBe(7);
    writeFrame(directory, 0, Buffer.from('abc'));
    expect(writeFrame(directory, next, Buffer.alloc(0))).toBe(11);
    expect(readFileSync(files.in).toString('hex')).toBe('0300000061626300000000');
    expect(() => writeFrame(directory, 12, Buffer.from('x'))).toThrow('would leave a hole in a spool of 11 bytes');
    await fixture.close();
  });
});
