import { statSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import type { ProcessFiles } from '../../holder/process-directory.ts';
import type { ProcessEnd } from './process-end.ts';

/** Whether an agent has printed more than it may. The sizes of its logs say so, whatever happens to the server. */
export function isBeyondLimit(
  { out, err }: Pick<ProcessFiles, 'out' | 'err'>,
  { maxOutputBytes }: Pick<Config, 'maxOutputBytes'>,
): boolean {
  if (maxOutputBytes === null) return false;
  return sizeOf(out) + sizeOf(err) > maxOutputBytes;
}

/** A process that was stopped and had printed too much was stopped for that; what its user asked for still comes first. */
export function judgeOutput(end: ProcessEnd, files: ProcessFiles, config: Pick<Config, 'maxOutputBytes'>): ProcessEnd {
  return end.wasStopped && isBeyondLimit(files, config) ? { ...end, outputLimit: config.maxOutputBytes } : end;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
