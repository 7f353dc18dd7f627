import { z } from 'zod';
import { Layout } from './layout.ts';
import { processFiles } from './process-directory.ts';
import { readRecord } from './read-record.ts';

const ended = z.object({
  ...Layout.shape,
  /** Exit code of the agent; null where a signal ended it. */
  code: z.int().nullable(),
  /** Such as "SIGKILL". */
  signal: z.string().nullable(),
  /** Whether a core was dumped. */
  core: z.boolean(),
  /** Descendants that were still alive when the agent exited; they are dead now. */
  left: z.int(),
  /** Descendants that the holder has buried, the agent itself not counted. */
  reaped: z.int(),
  /** Whether a stop had been asked for, or its time had come. */
  stopped: z.boolean(),
  /** Whether its time had come, and nobody had asked (`expire` in control.ts). */
  expired: z.boolean().default(false),
  /** Wall clock, milliseconds since the epoch. */
  at_ms: z.int(),
});

const notStarted = z.object({
  ...Layout.shape,
  /** Such as "ENOENT". */
  error: z.string(),
  /** What could not be done: "exec", "chdir", "cgroup", "log" … */
  stage: z.string(),
  at_ms: z.int(),
});

/** How a process ended, or why its agent was never executed; written by the holder when nothing of its tree is left. */
export const ExitRecord = z.union([ended, notStarted]);
export type ExitRecord = z.infer<typeof ExitRecord>;

/** Null while the process goes on, and for ever where its holder was lost. Throws `newer_layout` where only a newer release knows. */
export function readExitRecord(directory: string): ExitRecord | null {
  return readRecord(processFiles(directory).exit, ExitRecord);
}
