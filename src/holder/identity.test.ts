import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootId, isAlive, processStart } from './identity.ts';
import { until } from './process-fixture.ts';
import { readProcessTable, readStat } from './process-table.ts';

const self = { pid: process.pid, start: processStart(process.pid) ?? -1 };

describe('the identity of a process', () => {
  it('is pid, start and boot together', () => {
    expect(isAlive(self, bootId())).toBe(true);
    expect(isAlive({ ...self, start: self.start + 1 }, bootId())).toBe(false);
    expect(isAlive(self, '00000000-0000-0000-0000-000000000000')).toBe(false);
  });

  it('is not alive once the process is gone', () => {
    expect(processStart(2 ** 22 + 1)).toBeNull();
    expect(isAlive({ pid: 2 ** 22 + 1, start: 1 }, bootId())).toBe(false);
  });

  it('is not alive as a zombie', async () => {
    // The shell becomes a program that never waits for the child it has.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0 & exec sleep 1000']);
    const zombie = await until('the zombie', () => {
      const child = readProcessTable().find((stat) => stat.parent === parent.pid);
      return child !== undefined && readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') Z ') && child;
    });
    const stat = readStat(zombie.pid);
    expect(stat?.start).toBe(zombie.start);
    expect(isAlive(zombie, bootId())).toBe(false);
    parent.kill('SIGKILL');
  });

  it('is read past a name that looks like fields', async () => {
    const child = spawn('/bin/sh', ['-c', 'printf "a) Z 1 (b" > /proc/self/comm; echo ready; read line']);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(readStat(child.pid ?? 0)).toMatchObject({ parent: process.pid, isAlive: true });
    child.stdin.end();
  });
});
