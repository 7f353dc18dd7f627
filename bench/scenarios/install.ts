import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Scenario } from '../scenario.ts';
import { atMost, row } from '../report/row.ts';
import { installed } from '../server/artefact.ts';

export const install: Scenario = {
  name: 'install',
  about: 'what a production install takes on disk',
  async *measure(bench) {
    const { artefact } = bench.options;
    const nodeModules = artefact.nodeModules ?? bench.use(await installed()).nodeModules;
    const { stdout } = await promisify(execFile)('du', ['-sk', nodeModules ?? '']);
    const value = Number.parseInt(stdout) / 1024;
    yield row({ name: 'install', value, unit: 'MB', verdict: atMost(value, 40, 'MB') });
  },
};
