import { readFileSync } from 'node:fs';

/** Seconds that a process has used, over all its threads, also those that have ended; the kernel counts in steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold anything; user and system time are the 14th and 15th field, from 1.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The same on every Linux that Node runs on. */
const ticksPerSecond = 100;
