import { expect, test } from 'vitest';
import { PermissionRule } from '../../contracts/policy.ts';
import { describeRule } from './describe-rule.ts';

test.each([
  [{ action: 'deny' }, 'deny everything'],
  [{ action: 'allow', tool: '*' }, 'allow everything'],
  [{ action: 'allow', tool: 'Bash' }, 'allow Bash'],
  [{ action: 'allow', tool: 'Bash', command: 'git *' }, 'allow Bash "git *"'],
  [{ action: 'deny', command: 'rm *' }, 'deny command "rm *"'],
  [{ action: 'ask', tool: 'Write', path: 'src/**' }, 'ask Write in src/**'],
  [{ action: 'deny', path: '**/.env' }, 'deny anything in **/.env'],
  [{ action: 'deny', path: 'a b' }, 'deny anything in "a b"'],
  [{ action: 'allow', tool: 'Bash', command: 'a\nb' }, 'allow Bash "a\\nb"'],
  [{ action: 'ask', otherwise: 'allow' }, 'ask everything (allow without an answer)'],
  [{ action: 'ask', tool: 'Bash', deadlineMs: 60_000 }, 'ask Bash (deny after 60 s without an answer)'],
])('%j is told as %j', (rule, line) => {
  expect(describeRule(PermissionRule.parse(rule))).toBe(line);
});
