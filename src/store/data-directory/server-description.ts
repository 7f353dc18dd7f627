import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { addressFileName } from '../../config/data-directory.ts';

/** Who serves a data directory: `server.json` in it, for people and for clients on the same machine. */
export const ServerDescription = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  /** Where it answers, once it does. */
  url: z.string().optional(),
});
export type ServerDescription = z.infer<typeof ServerDescription>;

/** Null where there is none. It may be left over from a server that died: only the lock proves that one is alive. */
export function readServerDescription(directory: string): ServerDescription | null {
  try {
    return ServerDescription.parse(JSON.parse(readFileSync(pathIn(directory), 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the file in one step: a reader finds the old description or the new one. */
export function writeServerDescription(directory: string, description: ServerDescription): void {
  const path = pathIn(directory);
  const draft = `${path}.${description.pid}`;
  writeFileSync(draft, `${JSON.stringify(description)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeServerDescription(directory: string): void {
  rmSync(pathIn(directory), { force: true });
}

function pathIn(directory: string): string {
  return join(directory, addressFileName);
}
