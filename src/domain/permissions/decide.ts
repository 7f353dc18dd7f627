import type { PermissionAction, PermissionRule } from '../../contracts/policy.ts';
import { coversSubject, prepareSubject, touchesSubject, type PreparedSubject } from './match-rule.ts';
import { rulesOf, type PolicyLevel } from './policy-level.ts';
import type { PermissionSubject } from './subject.ts';

export interface PermissionDecision {
  readonly action: PermissionAction;
  /** Whose rule decided; `default` where none did. */
  readonly level: PolicyLevel['level'] | 'default';
  /** The rule that decided, and its place in its policy (0 is the first); null where none did. */
  readonly rule: PermissionRule | null;
  readonly index: number | null;
  /** With `ask`: how long is waited for an answer; null where the rule leaves it to the profile or the server. */
  readonly deadlineMs: number | null;
  /** With `ask`: what holds when nobody has answered by then. */
  readonly otherwise: 'allow' | 'deny';
}

/**
 * What the policies say to a question: the first rule that matches decides, level after level; where none does, it is denied.
 *
 * @param levels The most specific first: run, session, profile, server.
 */
export function decidePermission(levels: readonly PolicyLevel[], subject: PermissionSubject): PermissionDecision {
  const prepared = prepareSubject(subject);
  for (const { level, policy } of levels) {
    for (const [index, rule] of rulesOf(policy).entries()) {
      if (!matchesRule(rule, prepared)) continue;
      const { action, deadlineMs = null } = rule;
      return { action, level, rule, index, deadlineMs, otherwise: defaultOf(rule, prepared) };
    }
  }
  return { action: 'deny', level: 'default', rule: null, index: null, deadlineMs: null, otherwise: 'deny' };
}

function matchesRule(rule: PermissionRule, subject: PreparedSubject): boolean {
  return rule.action === 'allow' ? coversSubject(rule, subject) : touchesSubject(rule, subject);
}

/**
 * Silence allows only what a rule that allows would have: `ask "git *"` is asked for `git status; rm -rf ~` as well, which nobody has
 * said may be done without an answer.
 */
function defaultOf(rule: PermissionRule, subject: PreparedSubject): 'allow' | 'deny' {
  return rule.otherwise === 'allow' && coversSubject(rule, subject) ? 'allow' : 'deny';
}
