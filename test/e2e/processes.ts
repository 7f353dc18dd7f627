import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** False for a zombie, which is dead and only not buried. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== null && !'ZX'.includes(state);
}

/** As in proc(5): "T" for one that stands still; null where there is none. */
export function stateOf(pid: number): string | null {
  try {
    return /^.*\) (\w) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** The pids that a step `escape` has written down. */
export function pidsIn(path: string): number[] {
  return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean).map(Number);
}

/** What a process holds in memory. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Runs a program to its end. */
export function execute(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}
