import { readdirSync, readFileSync } from 'node:fs';
import { isSystemError } from './system-error.ts';

/** A process as the kernel shows it in `/proc/<pid>/stat` (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since boot: with the pid it names one process, whatever becomes of the pid. */
  readonly start: number;
  readonly isAlive: boolean;
}

export function readStat(pid: number): ProcessStat | null {
  const text = readProc(pid, 'stat');
  if (text === null) return null;
  // The second field is the name in parentheses, which may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent] = fields;
  const threads = Number(fields[17]);
  // A zombie is dead, unless only its first thread has ended.
  const isAlive = state !== 'X' && (state !== 'Z' || threads > 1);
  return { pid, parent: Number(parent), start: Number(fields[19]), isAlive };
}

/** All processes; not a snapshot, for they come and go while it is read. */
export function readProcessTable(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
}

/** The environment that a process was executed with; null where it is gone or not ours to read. */
export function readEnvironment(pid: number): readonly string[] | null {
  return readProc(pid, 'environ')?.split('\0') ?? null;
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return null;
    throw error;
  }
}
