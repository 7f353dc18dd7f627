/** What stands behind a flag among arguments, each time: `--flag=value` or `--flag value`. */
export function valuesOf(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, index) => {
    if (arg === flag) return [args[index + 1] ?? ''];
    return arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : [];
  });
}

export function isGiven(args: readonly string[], flag: string): boolean {
  return valuesOf(args, flag).length > 0;
}
