import { PermissionRule, type PermissionAction } from '../contracts/policy.ts';
import { AppError } from '../kernel/app-error.ts';
import { inertLine } from './inert-text.ts';

/** A rule as it stands on the command line: `--allow "Bash(git *)"`. */
export interface RuleText {
  readonly action: PermissionAction;
  readonly text: string;
}

/**
 * Reads `Tool`, `Tool(command pattern)` and `Tool:path pattern`. Throws AppError `invalid_request`, which names the rule and the forms.
 *
 * @example
 * parseRule({ action: 'allow', text: 'Bash(git *)' }) // { action: 'allow', tool: 'Bash', command: 'git *' }
 */
export function parseRule({ action, text }: RuleText): PermissionRule {
  const { tool, command, path } = forms.exec(text)?.groups ?? {};
  if (tool === undefined) throw wrong({ action, text }, 'Expected Tool, Tool(command pattern) or Tool:path pattern');
  const conditions = { ...(command !== undefined && { command }), ...(path !== undefined && { path }) };
  const { data, error } = PermissionRule.safeParse({ action, tool, ...conditions });
  if (data === undefined) throw wrong({ action, text }, error.issues[0]?.message ?? 'It is not a rule');
  return data;
}

/** A tool without blanks in its name, so that a command is not taken for one. */
const forms = /^(?<tool>[\w*.-]+)(?:\((?<command>.*\S.*)\)|:(?<path>\S.*))?$/s;

function wrong({ action, text }: RuleText, problem: string): AppError {
  const examples = 'such as Read, "Bash(git *)" or "Write:src/**"';
  return new AppError('invalid_request', `--${action} "${inertLine(text)}" is no rule. ${problem}, ${examples}`);
}
