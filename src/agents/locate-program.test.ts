import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateProgram } from './locate-program.ts';

describe('locateProgram', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-locate-'));
    for (const name of ['agent', 'notes.txt']) writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, 'agent'), 0o755);
    chmodSync(join(folder, 'notes.txt'), 0o644);
    mkdirSync(join(folder, 'folder'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds a name in the PATH', () => {
    expect(locateProgram('agent', { PATH: `/nowhere:${folder}` })).toEqual({ path: join(folder, 'agent') });
  });

  it('takes an absolute path as it is', () => {
    expect(locateProgram(join(folder, 'agent'), {})).toEqual({ path: join(folder, 'agent') });
  });

  it('passes over relative and empty entries of the PATH', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(locateProgram('agent', { PATH: '.::bin' })).toMatchObject({ path: null });
    } finally {
      process.chdir(before);
    }
  });

  it.each(['./agent', 'bin/agent'])('refuses the relative path "%s"', (command) => {
    expect(locateProgram(command, { PATH: folder })).toMatchObject({
      problem: `The command "${command}" is a relative path: give an absolute one`,
    });
  });

  it.each(['notes.txt', 'folder', 'missing'])('does not take "%s", which cannot be executed', (name) => {
    expect(locateProgram(name, { PATH: folder })).toMatchObject({ path: null });
    expect(locateProgram(join(folder, name), {})).toMatchObject({ path: null });
  });
});
