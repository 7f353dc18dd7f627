import { readdirSync, readFileSync } from 'node:fs';
import { isSystemError } from './system-error.ts';

/** A process as the kernel shows it in `/proc/<pid>/stat` (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since boot: with the pid it names one process, whatever becomes of the pid. */
  readonly start: number;
  readonly isAlive: boolean;
  /** One letter, such as "T" for stopped; of a process with many threads, that of its first one. */
  readonly state: string;
  /** User and system time used by it so far, also of those of its threads that have ended, in clock ticks. */
  readonly cpuTicks: number;
  /** The same of its children that have ended and that it has waited for, and of theirs. */
  readonly childCpuTicks: number;
}

/** USER_HZ, in which the kernel states times to programs: 100 on every architecture that Node runs on, whatever its own HZ. */
export const ticksPerSecond = 100;

export function readStat(pid: number): ProcessStat | null {
  const text = readProc(pid, 'stat');
  if (text === null) return null;
  const fields = fieldsAfterName(text);
  const [state = '', parent] = fields;
  const threads = Number(fields[17]);
  // A zombie is dead, unless only its first thread has ended.
  const isAlive = state !== 'X' && (state !== 'Z' || threads > 1);
  const cpuTicks = Number(fields[11]) + Number(fields[12]);
  const childCpuTicks = Number(fields[13]) + Number(fields[14]);
  return { pid, parent: Number(parent), start: Number(fields[19]), isAlive, state, cpuTicks, childCpuTicks };
}

/** All processes; not a snapshot, for they come and go while it is read. */
export function readProcessTable(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
}

/** All that descends from a process, the dead that nobody has waited for included; without the process itself. */
export function descendantsIn(table: readonly ProcessStat[], ancestor: number): ProcessStat[] {
  const families = Map.groupBy(table, ({ parent }) => parent);
  const found = new Set(families.get(ancestor));
  // A set hands out what is added while it is gone through: so this reaches grandchildren.
  for (const { pid } of found) for (const child of families.get(pid) ?? []) found.add(child);
  return [...found];
}

/** Of each thread of a process, its first one included, the id and the state; none where the process is gone. */
export function readThreads(pid: number): { readonly tid: number; readonly state: string }[] {
  return listProc(`${pid}/task`).flatMap((tid) => {
    const text = readProc(pid, `task/${tid}/stat`);
    return text === null ? [] : [{ tid: Number(tid), state: fieldsAfterName(text)[0] ?? '' }];
  });
}

/** The function of the kernel that a thread sleeps in, such as "kernel_clone"; null where it does not sleep or we are not told. */
export function readWaitChannel(pid: number, tid: number): string | null {
  const name = readProc(pid, `task/${tid}/wchan`);
  return name === '' || name === '0' ? null : name;
}

/** What a process has in memory, in bytes; pages that it shares with others included. 0 where it is gone. */
export function readResidentBytes(pid: number): number {
  // Not statm, which is quicker to read but counts pages, of a size that is not the same everywhere.
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** The environment that a process was executed with; null where it is gone or not ours to read. */
export function readEnvironment(pid: number): readonly string[] | null {
  return readProc(pid, 'environ')?.split('\0') ?? null;
}

/** From the state on. The field before it is the name in parentheses, which may itself hold blanks and parentheses. */
function fieldsAfterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20);
}

function listProc(directory: string): string[] {
  try {
    return readdirSync(`/proc/${directory}`);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return null;
    throw error;
  }
}
