import type { PermissionRule } from '../../contracts/policy.ts';
import { isUnconditional } from './all-allowed.ts';

/**
 * A rule in one line for people.
 *
 * @example
 * describeRule({ action: 'allow', tool: 'Bash', command: 'git *' }) // allow Bash "git *"
 */
export function describeRule(rule: PermissionRule): string {
  return `${rule.action} ${describeConditions(rule)}${describeDefault(rule)}`;
}

function describeConditions(rule: PermissionRule): string {
  if (isUnconditional(rule)) return 'everything';
  const { tool, command, path } = rule;
  const what = tool === undefined ? (command === undefined ? 'anything' : 'command') : plainOrQuoted(tool);
  return [
    what,
    ...(command === undefined ? [] : [JSON.stringify(command)]),
    ...(path === undefined ? [] : [`in ${plainOrQuoted(path)}`]),
  ].join(' ');
}

function describeDefault({ action, deadlineMs, otherwise = 'deny' }: PermissionRule): string {
  if (action !== 'ask' || (deadlineMs === undefined && otherwise === 'deny')) return '';
  const wait = deadlineMs === undefined ? 'without an answer' : `after ${deadlineMs / 1000} s without an answer`;
  return ` (${otherwise} ${wait})`;
}

function plainOrQuoted(text: string): string {
  return /^[\w*./:@+~-]+$/.test(text) ? text : JSON.stringify(text);
}
