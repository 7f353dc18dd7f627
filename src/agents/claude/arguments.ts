import type { LaunchSpec } from '../driver.ts';
import type { ClaudeOptions } from './options.ts';

/** `-p` with JSON lines in both directions; it prints nothing in stream-json without `--verbose`. */
const fixed = [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--include-partial-messages',
  '--permission-prompt-tool=stdio',
  // Shows in which turn a prompt was taken up.
  '--replay-user-messages',
];

/**
 * The arguments after the program. Values stand behind `=`, so that none of them can be read as a flag: `--model=--help` asks for a
 * model of that name (seen with 2.1.197). Prompts and secrets never come here: any user of the machine can read an argv.
 */
export function claudeArguments({
  options,
  nativeSessionId,
}: Pick<LaunchSpec<ClaudeOptions>, 'options' | 'nativeSessionId'>): string[] {
  return [
    ...fixed,
    ...flag('permission-mode', options.permissionMode),
    ...flag('model', options.model),
    ...flag('append-system-prompt', options.appendSystemPrompt),
    ...flag('max-turns', options.maxTurns),
    ...flag('resume', nativeSessionId),
    ...(options.args ?? []),
  ];
}

function flag(name: string, value: string | number | null | undefined): string[] {
  return value === undefined || value === null ? [] : [`--${name}=${value}`];
}
