import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ownCgroup } from './own-cgroup.ts';

const Answer = z.object({
  /** Of the layout that it writes. */
  version: z.int(),
  /** Orphans of an agent come to its holder. */
  subreaper: z.boolean(),
  /** The logs can be kept from being truncated even by root. */
  append_only: z.boolean(),
  pidfd: z.boolean(),
  pty: z.boolean(),
  cgroup: z.object({ writable: z.boolean(), kill: z.boolean(), freeze: z.boolean() }),
});

/** What this machine allows; `cgroup.root` is where the cgroups of processes would go. */
export interface Probe extends z.infer<typeof Answer> {
  readonly cgroup: z.infer<typeof Answer>['cgroup'] & { readonly root: string | null };
}

/** Asks the holder to try what it would use, on the file system of `directory` and below this process's own cgroup. */
export async function probe(binary: string, directory: string): Promise<Probe> {
  const root = makeRoot();
  const group = root === null ? [] : [join(root, `probe-${process.pid}`)];
  const { stdout } = await promisify(execFile)(binary, ['probe', directory, ...group]);
  const answer = Answer.parse(JSON.parse(stdout));
  return { ...answer, cgroup: { ...answer.cgroup, root } };
}

function makeRoot(): string | null {
  const own = ownCgroup();
  if (own === null) return null;
  const root = join(own, 'drover');
  try {
    mkdirSync(root, { recursive: true });
    return root;
  } catch {
    return null; // Not ours to write: the holder does without.
  }
}
