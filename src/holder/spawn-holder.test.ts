import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stop } from './control.ts';
import { readExitRecord } from './exit-record.ts';
import { isAlive, readIdentity } from './identity.ts';
import { encodeLaunchSpec } from './launch-spec.ts';
import { builds, ProcessFixture, until } from './process-fixture.ts';

const isRoot = process.getuid?.() === 0;

describe.each(builds)('a start under the %s holder', (build) => {
  let fixture: ProcessFixture;
  beforeEach(async () => {
    fixture = await ProcessFixture.create(build);
  });
  afterEach(async () => expect(await fixture.close()).toBe(''));

  it('executes the agent and says who runs', async () => {
    const process = fixture.process();
    const launch = await process.start({ script: 'echo ready; exec sleep 1000' });
    const { holder, agent, boot } = process.identity();
    expect(launch).toEqual({ status: 'running', holderPid: holder.pid });
    expect(isAlive(holder, boot) && isAlive(agent, boot)).toBe(true);
    expect(readExitRecord(process.directory)).toBeNull();
  });

  it('lets the agent write its logs itself, which nobody can open for writing', async () => {
    const process = fixture.process();
    await process.start({ script: 'echo to out; echo to err >&2' });
    await process.ended();
    expect(process.out()).toBe('to out\n');
    expect(readFileSync(process.files.err, 'utf8')).toBe('to err\n');
    expect(statSync(process.files.out).mode & 0o777).toBe(0o400);
    expect(statSync(process.files.err).mode & 0o777).toBe(0o400);
  });

  it.runIf(isRoot)('keeps even root from truncating a log, until the end', async () => {
    const process = fixture.process();
    await process.start({ script: 'echo kept; (echo lost > /dev/stdout); echo after; exec sleep 1000' });
    await process.printed('after');
    const isEnforced = process.identity().append_only;
    expect(process.out()).toBe(isEnforced ? 'kept\nafter\n' : expect.any(String));
    if (isEnforced) expect(() => truncateSync(process.files.out)).toThrow('EPERM');
    stop(process.directory, 0);
    await process.ended();
    truncateSync(process.files.out);
  });

  it('gives the agent the environment, arguments, directory and umask it is to have, and no descriptor more', async () => {
    const process = fixture.process();
    await process.start({
      argv: ['/bin/sh', '-c', 'echo "$1|$PWD|$(umask)"; env; ls /proc/self/fd | tr "\\n" " "', 'sh', 'ä "b"\n c'],
      env: { PATH: '/usr/bin:/bin', EMPTY: '', NAME: 'a=b' },
      cwd: '/usr',
    });
    await process.ended();
    const inherited = /^Umask:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    expect(process.out()).toContain(`ä "b"\n c|/usr|${inherited}\n`);
    expect(process.out()).toContain('EMPTY=\n');
    expect(process.out()).toContain('NAME=a=b\n');
    expect(process.out()).not.toContain('SAN_OPTIONS');
    expect(process.out()).toMatch(/\n0 1 2 3 $/); // 3 is the directory that ls reads
  });

  it('says why a program cannot be executed, also to those who look later', async () => {
    const process = fixture.process();
    const launch = await process.start({ argv: ['/no/such/program'] });
    expect(launch).toEqual({ status: 'failed', errno: 'ENOENT', stage: 'exec' });
    expect(readExitRecord(process.directory)).toMatchObject({ error: 'ENOENT', stage: 'exec' });
  });

  it('says that the working directory cannot be entered', async () => {
    const launch = await fixture.process().start({ script: 'true', cwd: '/no/such/directory' });
    expect(launch).toEqual({ status: 'failed', errno: 'ENOENT', stage: 'chdir' });
  });

  it('says that the cgroup cannot be made', async () => {
    const launch = await fixture.process().start({ script: 'true', cgroup: '/no/such/cgroup' });
    expect(launch).toEqual({ status: 'failed', errno: 'ENOENT', stage: 'cgroup' });
  });

  it('starts nothing twice, whether the agent runs or has ended', async () => {
    const process = fixture.process();
    const launches = await Promise.all([1, 2, 3].map(() => process.start({ script: 'echo once; exec sleep 1000' })));
    expect(launches.map(({ status }) => status).toSorted()).toEqual(['already-started', 'already-started', 'running']);
    await process.printed('once');
    stop(process.directory, 0);
    await process.ended();
    expect(await process.start({ script: 'echo twice' })).toEqual({ status: 'already-started' });
    expect(process.out()).toBe('once\n');
  });

  it('starts nothing from a specification whose writer died, and can then be started', async () => {
    const process = fixture.process();
    const spec = encodeLaunchSpec({ argv: ['/bin/sh', '-c', 'echo ran'], env: { A: 'b', C: 'd' } });
    for (let length = 0; length < spec.length; length++) {
      expect(await answerTo(fixture.binary, process.directory, spec.subarray(0, length))).toBe('failed EBADMSG spec\n');
    }
    expect(readIdentity(process.directory)).toBeNull();
    expect(existsSync(process.files.out)).toBe(false);
    expect((await process.start({ script: 'echo ran' })).status).toBe('running');
  });

  it('waits for a holder that has not started yet, for it may come to nothing', async () => {
    const process = fixture.process();
    const dying = spawn(fixture.binary, ['run', process.directory]);
    await until('the lock', () => existsSync(process.files.lock));
    const launch = process.start({ script: 'exec sleep 1000' });
    dying.stdin.end('1\0/bin/tr');
    expect((await launch).status).toBe('running');
  });

  it('refuses arguments that it does not understand, and says which', async () => {
    const process = fixture.process();
    expect(await process.start({ size: { rows: 0, cols: 200 } })).toMatchObject({
      status: 'failed',
      stage: 'holder',
      errno: expect.stringContaining('Bad --rows') as string,
    });
    for (const [flag, value] of [
      ['--mode', 'tty'],
      ['--terminal', 'raw'],
      ['--stdin', 'all'],
      ['--grace-ms', '-1'],
      ['--grace-ms', '5s'],
      ['--cgroup', 'relative'],
      ['--unknown', 'x'],
    ] as const) {
      const refused = promisify(execFile)(fixture.binary, ['run', process.directory, flag, value]);
      await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(flag) as string });
    }
    expect(existsSync(process.files.lock)).toBe(false);
  });

  it('goes on where a start was cut short, whatever that has left', async () => {
    const process = fixture.process();
    for (const name of ['out', 'err'] as const) writeFileSync(process.files[name], '', { mode: 0o400 });
    for (const name of ['in', 'lock', 'ctl'] as const) writeFileSync(process.files[name], '', { mode: 0o600 });
    if (isRoot) await promisify(execFile)('chattr', ['+a', process.files.out]).catch(() => undefined);
    await process.start({ script: 'echo ran' });
    expect(await process.ended()).toMatchObject({ code: 0 });
    expect(process.out()).toBe('ran\n');
    expect(statSync(process.files.out).mode & 0o777).toBe(0o400);
  });

  it('calls back when the holder has gone', async () => {
    const process = fixture.process();
    await new Promise<void>((resolve) => void process.start({ script: 'true', onExit: resolve }));
    expect(await process.ended()).toMatchObject({ code: 0 });
  });
});

async function answerTo(binary: string, directory: string, spec: Buffer): Promise<string> {
  const holder = spawn(binary, ['run', directory]);
  holder.stdin.end(spec);
  return text(holder.stdout);
}
