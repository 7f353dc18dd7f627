import { z } from 'zod';
import { isGiven, valuesOf } from './flags.ts';
import type { ClaudeOptions } from './options.ts';
import type { ClaudeState } from './state.ts';

const bypass = 'bypassPermissions';

/** Whether Claude Code is told to ask nobody: by its mode, or by the arguments that stand for it. */
export function isAllowedAll({ permissionMode, args = [] }: ClaudeOptions): boolean {
  return (
    permissionMode === bypass ||
    args.includes('--dangerously-skip-permissions') ||
    valuesOf(args, '--permission-mode').includes(bypass) ||
    settingsOf(args).some(({ permissions }) => permissions?.defaultMode === bypass)
  );
}

/** Settings that are none of ours, such as those of a repository, can set the mode as well; the agent names it in its lines. */
export function isAllowedAllNow({ mode }: ClaudeState): boolean {
  return mode === bypass;
}

/** Why some tools are never asked about, by the options; null where they name none. */
export function unasked({ permissionMode, args = [] }: ClaudeOptions): string | null {
  const reasons = [
    ...(permissionMode === 'acceptEdits' || valuesOf(args, '--permission-mode').includes('acceptEdits')
      ? ['acceptEdits']
      : []),
    ...['--allowedTools', '--allowed-tools', '--agents'].filter((flag) => isGiven(args, flag)),
    ...(settingsOf(args).some(allowsSome) ? ['--settings'] : []),
  ];
  return reasons.length === 0 ? null : `some tools are never asked about (${reasons.join(', ')})`;
}

function allowsSome({ permissions }: Settings): boolean {
  return permissions?.allow !== undefined || permissions?.defaultMode === 'acceptEdits';
}

/** Settings in place; those of files are not looked into. */
function settingsOf(args: readonly string[]): Settings[] {
  return valuesOf(args, '--settings').map((text) => Settings.safeParse(parsed(text)).data ?? {});
}

const Settings = z.object({
  permissions: z.object({ defaultMode: z.unknown().optional(), allow: z.unknown().optional() }).optional(),
});
type Settings = z.infer<typeof Settings>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
