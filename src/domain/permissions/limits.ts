/** In bytes. What is longer no system call takes, so nobody knows what a tool would make of it (PATH_MAX). */
const longestPath = 4096;

/** In bytes. No shell can be started with a longer one as its argument (MAX_ARG_STRLEN). */
const longestCommand = 128 * 1024;

/** Whether a path can be held against rules at all. */
export function isReadablePath(path: string): boolean {
  return isWithin(path, longestPath) && !path.includes('\0');
}

/** Whether a command line can be held against rules at all. */
export function isReadableCommand(command: string): boolean {
  return isWithin(command, longestCommand);
}

/** The beginning of a path that is not readable, which is none either. */
export function clipUnreadable(path: string): string {
  return path.slice(0, longestPath + 1);
}

function isWithin(text: string, bytes: number): boolean {
  return text.length <= bytes && Buffer.byteLength(text) <= bytes;
}
