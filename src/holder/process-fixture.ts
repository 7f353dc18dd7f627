import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessId } from '../contracts/ids.ts';
import { systemClock } from '../kernel/clock.ts';
import { createIds } from '../kernel/ids.ts';
import { holderBinary, holderKey, holderSource } from './build-holder.ts';
import { stop } from './control.ts';
import type { ExitRecord } from './exit-record.ts';
import { readExitRecord } from './exit-record.ts';
import { isAlive, readIdentity } from './identity.ts';
import type { Identity } from './identity.ts';
import type { ProcessFiles } from './process-directory.ts';
import { processFiles } from './process-directory.ts';
import type { ProcessStat } from './process-table.ts';
import { readProcessTable } from './process-table.ts';
import { sealLogs } from './seal.ts';
import type { HolderLaunch, SpawnHolderOptions } from './spawn-holder.ts';
import { spawnHolder } from './spawn-holder.ts';
import { killTree } from './sweep.ts';

/** For tests only: real holders and real agents, in a directory of their own, all gone when the test is over. */

/** Every test of the holder runs on the binary that users get, and on one that reports each misstep in memory. */
export const builds = ['release', 'sanitized'] as const;
export type Build = (typeof builds)[number];

const newId = createIds(systemClock);
const limitMs = 20_000;

/** Waits for a condition, never for a time: the limit only ends a test that would hang. */
export async function until<Value>(what: string, look: () => Value | null | undefined | false): Promise<Value> {
  const deadline = systemClock.monotonic() + limitMs;
  for (;;) {
    const value = look();
    if (value !== null && value !== undefined && value !== false) return value;
    if (systemClock.monotonic() > deadline) throw new Error(`Waited in vain for ${what}`);
    await systemClock.sleep(3);
  }
}

export interface StartOptions extends Partial<Omit<SpawnHolderOptions, 'binary' | 'directory'>> {
  /** Run by /bin/sh in place of `argv`. */
  readonly script?: string;
}

/** A process directory and what goes on in it. */
export interface TestProcess {
  readonly id: ProcessId;
  readonly directory: string;
  readonly files: ProcessFiles;
  start(options: StartOptions): Promise<HolderLaunch>;
  identity(): Identity;
  out(): string;
  /** Waits until the agent has printed this. */
  printed(text: string): Promise<void>;
  /** Waits for the exit record, of an agent that was executed. */
  ended(): Promise<Extract<ExitRecord, { code: unknown }>>;
  /** All that descends from the holder now. */
  tree(): ProcessStat[];
}

export class ProcessFixture {
  readonly binary: string;
  readonly root: string;
  readonly #processes: TestProcess[] = [];

  private constructor(binary: string, root: string) {
    this.binary = binary;
    this.root = root;
  }

  static async create(build: Build): Promise<ProcessFixture> {
    const root = mkdtempSync(join(tmpdir(), 'drover-holder-test-'));
    const binary = build === 'release' ? await holderBinary() : join(root, 'holder');
    if (build === 'sanitized') {
      // Holders run with an empty environment, so the sanitizer is told by a script where its reports go.
      const options = `ASAN_OPTIONS=log_path=${root}/report UBSAN_OPTIONS=print_stacktrace=1`;
      writeFileSync(binary, `#!/bin/sh\n${options} exec '${await sanitizedBinary()}' "$@"\n`);
      chmodSync(binary, 0o755);
    }
    return new ProcessFixture(binary, root);
  }

  process(): TestProcess {
    const id = newId('prc');
    const directory = join(this.root, id);
    mkdirSync(directory, { mode: 0o700 });
    const files = processFiles(directory);
    const out = () => (existsSync(files.out) ? readFileSync(files.out, 'utf8') : '');
    const { binary } = this;
    const made: TestProcess = {
      id,
      directory,
      files,
      out,
      start: ({ script = '', argv = ['/bin/sh', '-c', script], env = { PATH: '/usr/bin:/bin' }, ...rest }) =>
        spawnHolder({
          ...{ binary, directory, mode: 'pipe', stdin: 'none', cwd: this.root, argv },
          ...{ env: { ...env, DROVER_PROCESS_ID: id }, ...rest },
        }),
      identity: () => {
        const identity = readIdentity(directory);
        if (identity === null) throw new Error('The agent was never executed');
        return identity;
      },
      printed: async (text) => {
        await until(`"${text}" in the log`, () => out().includes(text));
      },
      ended: async () => {
        const record = await until('the exit record', () => readExitRecord(directory));
        if ('error' in record) throw new Error(`The agent was not executed: ${record.error} ${record.stage}`);
        return record;
      },
      tree: () => descendantsOf(made.identity().holder.pid),
    };
    this.#processes.push(made);
    return made;
  }

  /** Ends and removes everything; returns what the sanitizer had to say. */
  async close(): Promise<string> {
    for (const { id, directory } of this.#processes) {
      const identity = readIdentity(directory);
      stop(directory, 0);
      if (identity !== null) await until('the holder to go', () => !isAlive(identity.holder, identity.boot));
      await killTree(id, { cgroup: identity?.cgroup ?? null });
      await sealLogs(this.binary, directory);
    }
    const reports = readdirSync(this.root).filter((name) => name.startsWith('report'));
    const text = reports.map((name) => readFileSync(join(this.root, name), 'utf8')).join('\n');
    rmSync(this.root, { recursive: true });
    return text;
  }
}

export function descendantsOf(ancestor: number): ProcessStat[] {
  const table = readProcessTable().filter(({ isAlive }) => isAlive);
  const found = new Set(table.filter(({ parent }) => parent === ancestor));
  for (const { pid } of found) for (const child of table) if (child.parent === pid) found.add(child);
  return [...found];
}

async function sanitizedBinary(): Promise<string> {
  const flags = ['-std=c11', '-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const binary = join(tmpdir(), `drover-holder-sanitized-${await holderKey(flags)}`);
  if (existsSync(binary)) return binary;
  const workplace = mkdtempSync(`${binary}.`);
  await promisify(execFile)('cc', [...flags, '-o', join(workplace, 'holder'), holderSource]);
  await rename(join(workplace, 'holder'), binary);
  rmSync(workplace, { recursive: true });
  return binary;
}
