import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Lifts what a lost holder has left on the logs, the append-only attribute, so that they can be moved and removed. */
export async function sealLogs(binary: string, directory: string): Promise<void> {
  await promisify(execFile)(binary, ['seal', directory]);
}
