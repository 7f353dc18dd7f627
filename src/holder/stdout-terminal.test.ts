import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wake } from './control.ts';
import type { StartOptions, TestProcess } from './process-fixture.ts';
import { builds, ProcessFixture } from './process-fixture.ts';
import { writeFrame } from './spool.ts';

const node = process.execPath;
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const longLine = `{"text":"${'x'.repeat(5_000)}"}\n`;

describe.each(builds)('a terminal that is only stdout, of the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  async function started(options: StartOptions): Promise<TestProcess> {
    const process = fixture.process();
    await process.start({ mode: 'pty', terminal: 'stdout', stdin: 'stream', ...options });
    return process;
  }

  it.each([
    ['stdout', longLine],
    ['cooked', longLine.replace('\n', '\r\n')],
  ] as const)('has no line wrapped at its 200 columns, as none has (%s)', async (terminal, expected) => {
    const process = await started({ terminal, argv: [node, '-e', `console.log(${JSON.stringify(longLine.trim())})`] });
    await process.ended();
    expect(process.out()).toBe(expected);
  });

  it('leaves stdin a pipe that ends, and stderr its own log', async () => {
    const process = await started({
      script: 'test -p /dev/stdin && test -t 1 && stty size < /dev/tty; echo apart >&2; cat',
    });
    await process.printed('50 200');
    const fds = `/proc/${process.identity().holder.pid}/fd`;
    const held = readdirSync(fds).map((fd) => readlinkSync(join(fds, fd)));
    expect(held.filter((path) => path.startsWith('/dev/p'))).toEqual([expect.stringMatching(/ptmx$/)]);
    const offset = writeFrame(process.directory, 0, everyByte);
    writeFrame(process.directory, offset, Buffer.alloc(0));
    wake(process.directory);
    await process.ended();
    expect(readFileSync(process.files.out).equals(Buffer.concat([Buffer.from('50 200\n'), everyByte]))).toBe(true);
    expect(readFileSync(process.files.err, 'utf8')).toBe('apart\n');
  });

  it('leaves nothing on stdin where there is to be none', async () => {
    const process = await started({ stdin: 'none', script: 'readlink /proc/self/fd/0; cat' });
    await process.ended();
    expect(process.out()).toBe('/dev/null\n');
    expect(existsSync(process.files.ctl)).toBe(true);
  });
});

describe('the input of a cooked terminal', () => {
  it('ends also behind a line that does not', async () => {
    const fixture = await ProcessFixture.create('release');
    const process = fixture.process();
    await process.start({ mode: 'pty', stdin: 'oneshot', script: 'stty -echo; cat; echo; echo end' });
    writeFrame(process.directory, 0, Buffer.from('no line end'));
    wake(process.directory);
    await process.ended();
    expect(process.out()).toContain('no line end\r\nend\r\n');
    expect(await fixture.close()).toBe('');
  });
});
