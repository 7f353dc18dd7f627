import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import type { Environment } from './base-environment.ts';
import type { Located } from './driver.ts';

/**
 * Finds a program by absolute path, or by name in the server's PATH. Relative entries of the PATH are passed over: they would mean
 * another program in every workspace.
 */
export function locateProgram(command: string, env: Environment): Located {
  if (isAbsolute(command)) {
    return isExecutable(command)
      ? { path: command }
      : { path: null, problem: `"${command}" is not an executable file` };
  }
  if (command.includes(sep)) {
    return { path: null, problem: `The command "${command}" is a relative path: give an absolute one` };
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, command);
    if (isAbsolute(folder) && isExecutable(path)) return { path };
  }
  return { path: null, problem: `"${command}" is not in the server's PATH` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
