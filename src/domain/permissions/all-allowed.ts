import type { PermissionRule } from '../../contracts/policy.ts';
import { rulesOf, type PolicyLevel } from './policy-level.ts';
import { matchesEverything, parseWildcards } from './wildcards.ts';

/** Whether nothing whatever could be denied or asked: an allow without conditions stands before every deny and ask. */
export function isAllowAll(levels: readonly PolicyLevel[]): boolean {
  const decisive = levels
    .flatMap(({ policy }) => rulesOf(policy))
    .find((rule) => rule.action !== 'allow' || isUnconditional(rule));
  return decisive?.action === 'allow';
}

/** `command: "*"` is a condition: what runs no command does not fulfil it. The same holds for any path. */
export function isUnconditional({ tool, command, path }: PermissionRule): boolean {
  return (tool === undefined || matchesEverything(parseWildcards(tool))) && command === undefined && path === undefined;
}
