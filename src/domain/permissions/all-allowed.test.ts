import { expect, test } from 'vitest';
import { Policy } from '../../contracts/policy.ts';
import { isAllowAll } from './all-allowed.ts';

test.each([
  [true, ['allow']],
  [true, [[], 'allow']],
  [true, [[{ action: 'allow', tool: 'Read' }], 'allow', 'deny']],
  [true, [[{ action: 'allow', tool: '*' }, { action: 'deny' }]]],
  [false, []],
  [false, [[]]],
  [false, ['deny', 'allow']],
  [false, ['ask', 'allow']],
  [false, [[{ action: 'deny', tool: 'Bash' }], 'allow']],
  [false, [[{ action: 'allow', command: '*' }]]],
  [false, [[{ action: 'allow', path: '/**' }]]],
  [false, [[{ action: 'allow', tool: '\\*' }]]],
])('%j: %j', (expected, policies) => {
  const levels = policies.map((policy) => ({ level: 'server' as const, policy: Policy.parse(policy) }));
  expect(isAllowAll(levels)).toBe(expected);
});
