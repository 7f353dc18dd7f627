/** Whether a caught value is a system call's refusal with one of these codes, such as "ENOENT". */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
