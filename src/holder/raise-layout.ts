import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { Layout, layoutVersion } from './layout.ts';
import { processFiles } from './process-directory.ts';

/**
 * Says in the record of an older holder that its directory has the present layout from now on: a server that would take a hole in a log
 * for what an agent wrote must not go on with it. The holder never reads its record again.
 */
export function raiseLayout(directory: string): void {
  const { pid } = processFiles(directory);
  const record = JSON.parse(readFileSync(pid, 'utf8')) as object;
  if (Layout.parse(record).version >= layoutVersion) return;
  const raised = `${pid}.raised`;
  const fd = openSync(raised, 'w', 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ ...record, version: layoutVersion, reads: layoutVersion })}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(raised, pid);
}
