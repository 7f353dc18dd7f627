import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stop } from '../../src/holder/control.ts';
import type { Identity } from '../../src/holder/identity.ts';
import { isAlive, readIdentity } from '../../src/holder/identity.ts';
import { sealLogs } from '../../src/holder/seal.ts';

/** Ends every agent of a data directory, whose server must be gone, and lifts what keeps its logs from being removed. */
export async function stopHolders(dataDir: string, holder: string): Promise<void> {
  const directories = processDirectories(dataDir);
  let living = directories.filter((directory) => lives(readIdentity(directory)));
  while (living.length > 0) {
    for (const directory of living) stop(directory, 0);
    await sleep(20);
    living = living.filter((directory) => lives(readIdentity(directory)));
  }
  for (const directory of directories) await sealLogs(holder, directory);
}

/** The pids of the holders that live. */
export function livingHolders(dataDir: string): number[] {
  return processDirectories(dataDir)
    .map(readIdentity)
    .filter((identity) => lives(identity))
    .map((identity) => identity.holder.pid);
}

function processDirectories(dataDir: string): string[] {
  const parent = join(dataDir, 'processes');
  try {
    return readdirSync(parent).map((name) => join(parent, name));
  } catch {
    return [];
  }
}

function lives(identity: Identity | null): identity is Identity {
  return identity !== null && isAlive(identity.holder, identity.boot);
}
