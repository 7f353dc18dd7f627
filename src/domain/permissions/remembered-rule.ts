import { posix } from 'node:path';
import { PermissionRule } from '../../contracts/policy.ts';
import type { PermissionSubject } from './subject.ts';
import { escapableInPaths, escapeWildcards } from './wildcards.ts';

/**
 * The rule that "always allow this here" writes: this tool with this very command, else with this very path; the tool alone where it has
 * neither. Null where no rule would say what was asked and no more: a rule has room for one path, and allows by a command or a path only
 * what is fully known.
 */
export function rememberedRule(subject: PermissionSubject, action: 'allow' | 'deny'): PermissionRule | null {
  const { command, paths, isFullyKnown } = subject;
  const hasManyPaths = command === null && paths.length > 1;
  // A tool of which nothing is known but its name can only be allowed as a whole, which is what its user is then told.
  const isPartlyKnown = !isFullyKnown && (command !== null || paths.length > 0);
  if (action === 'allow' && (isPartlyKnown || hasManyPaths)) return null;
  // What is too long for a rule, or has no name, is refused by the contract.
  return PermissionRule.safeParse({ action, ...conditionsFor(subject) }).data ?? null;
}

function conditionsFor({ tool: name, command, paths, workspace }: PermissionSubject): Omit<PermissionRule, 'action'> {
  const tool = escapeWildcards(name);
  // No command is a command too; without it, the rule would hold for all of them.
  if (command !== null) return { tool, command: escapeWildcards(command) || ' ' };
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) return { tool };
  return { tool, path: escapeWildcards(posix.resolve(workspace, path), escapableInPaths) };
}
