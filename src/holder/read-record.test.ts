import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readExitRecord } from './exit-record.ts';
import { readIdentity } from './identity.ts';
import { layoutVersion } from './layout.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-record-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const one = { pid: 1, start: 2 };
const identity = { holder: one, agent: one, boot: 'b', append_only: true, cgroup: null };
const failure = { error: 'ENOENT', stage: 'exec', at_ms: 3 };

const write = (name: 'pid' | 'exit', record: object) => writeFileSync(join(directory, name), JSON.stringify(record));

describe('the records of a holder', () => {
  test.for([
    ['of the first layout, which says nothing about readers', { version: 1 }],
    ['of this layout', { version: layoutVersion, reads: layoutVersion }],
    [
      'of a later layout that this one understands',
      { version: layoutVersion + 7, reads: layoutVersion, new: { field: 1 } },
    ],
    ['of a later layout that even the first one understands', { version: layoutVersion + 1, reads: 1 }],
  ] as const)('%s are read', ([, layout]) => {
    write('pid', { ...layout, ...identity });
    write('exit', { ...layout, ...failure });
    expect(readIdentity(directory)).toMatchObject(identity);
    expect(readExitRecord(directory)).toMatchObject(failure);
  });

  test.for([
    ['says so', { version: layoutVersion + 1, reads: layoutVersion + 1 }],
    ['says nothing', { version: layoutVersion + 1 }],
  ] as const)('of a later layout that %s are refused, whatever else stands there', ([, layout]) => {
    write('pid', { ...layout, owner: 'another shape' });
    write('exit', { ...layout, ...failure });
    const refusal = { code: 'newer_layout', message: expect.stringContaining('start the newer release') as string };
    expect(() => readIdentity(directory)).toThrow(expect.objectContaining(refusal) as Error);
    expect(() => readExitRecord(directory)).toThrow(expect.objectContaining(refusal) as Error);
  });

  test('that say nothing of what is newer than they are do not have it', () => {
    const end = { code: 0, signal: null, core: false, left: 0, reaped: 0, stopped: true, at_ms: 3 };
    write('exit', { version: 2, reads: 2, ...end });
    expect(readExitRecord(directory)).toMatchObject({ ...end, expired: false });
  });

  test('that are not there are null', () => {
    expect([readIdentity(directory), readExitRecord(directory)]).toEqual([null, null]);
  });
});
