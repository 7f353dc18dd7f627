import { readFileSync } from 'node:fs';

/** Proportional set size of a process in MB: what it has alone, and its share of what it shares. */
export function pssMb(pid: number): number {
  return rollup(pid, 'Pss');
}

/** Resident set size in MB: with all that it shares. */
export function rssMb(pid: number): number {
  return rollup(pid, 'Rss');
}

function rollup(pid: number, name: string): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kb = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kb === undefined) throw new Error(`The kernel does not say what memory process ${pid} has`);
  return Number(kb) / 1024;
}
