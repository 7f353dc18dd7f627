import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GivenPolicy, PermissionRule } from './policy.ts';

const Body = z.strictObject({ permissions: GivenPolicy.optional() });

const problems = (permissions: unknown) =>
  (Body.safeParse({ permissions }).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

const actions = 'Expected one of "allow"|"deny"|"ask"';

describe('a policy', () => {
  test.each([
    'allow',
    [],
    [{ action: 'allow', tool: 'Bash', command: 'git *' }],
    [{ action: 'ask', path: '/etc/**', deadlineMs: 1, otherwise: 'allow' }],
    [{ action: 'deny', path: 'a/\\[id\\]/\\{b\\}/\\!/\\*\\*x/**/*.ts' }],
    [{ action: 'deny', path: '/' }],
    [{ action: 'deny', path: './~a' }],
  ])('may be %j, and stays as it is', (policy) => {
    expect(problems(policy)).toEqual([]);
    expect(GivenPolicy.parse(policy)).toEqual(policy);
  });

  test.each([
    ['alow', `permissions: ${actions}, or a list of rules`],
    [5, `permissions: ${actions}, or a list of rules`],
    [{ action: 'deny' }, `permissions: ${actions}, or a list of rules`],
    [Array(1001).fill({ action: 'deny' }), 'permissions: Expected 1000 rules at most'],
    [
      Array(70).fill({ action: 'deny', tool: 'x'.repeat(4096) }),
      'permissions: Expected 262144 characters of rules at most',
    ],
  ])('is not what it should not be (%#)', (policy, problem) => {
    expect(problems(policy)).toEqual([problem]);
  });

  test.each([
    ['deny', ': Expected a rule such as {action: deny, tool: Bash}'],
    [{}, `.action: ${actions}`],
    [{ action: 'alow' }, `.action: ${actions}`],
    [{ action: 'deny', tol: 'x' }, '.tol: Expected one of action, tool, command, path, deadlineMs, otherwise'],
    [{ action: 'deny', tool: '' }, '.tool: Expected text that is not empty'],
    [{ action: 'deny', command: 5 }, '.command: Expected text'],
    [{ action: 'deny', command: 'x'.repeat(4097) }, '.command: Expected 4096 characters at most'],
    [{ action: 'ask', deadlineMs: 0 }, '.deadlineMs: Expected whole milliseconds from 1 to 2073600000 (24 days)'],
    [{ action: 'ask', deadlineMs: 1e10 }, '.deadlineMs: Expected whole milliseconds from 1 to'],
    [{ action: 'ask', otherwise: 'ask' }, '.otherwise: Expected one of "deny"|"allow"'],
    [
      { action: 'allow', deadlineMs: 5 },
      '.deadlineMs: Expected no deadlineMs in a rule whose action is "allow": only "ask" waits',
    ],
    [{ action: 'deny', otherwise: 'deny' }, '.otherwise: Expected no otherwise in a rule whose action'],
    [{ action: 'deny', path: '~/x' }, '.path: Expected an absolute path or one in the workspace: use an abs'],
    [{ action: 'deny', path: '../x' }, '.path: Expected a path without ".."'],
    [{ action: 'deny', path: 'src/' }, '.path: Expected no slash at the end: write "directory/**"'],
    [{ action: 'deny', path: 'src/**.ts' }, '.path: Expected "**" to stand alone between slashes'],
    [{ action: 'deny', path: '*.{ts,js}' }, '.path: Expected no pattern but "*" and "**"'],
    [{ action: 'deny', path: '[ab]' }, '.path: Expected no pattern but "*" and "**"'],
    [{ action: 'deny', path: 'a?' }, '.path: Expected no pattern but "*" and "**"'],
    [{ action: 'deny', path: '!a' }, '.path: Expected no pattern but "*" and "**"'],
  ])('names the rule that is wrong, the field and what is allowed (%#)', (rule, problem) => {
    const told = problems([{ action: 'deny' }, { action: 'deny' }, rule]);
    expect(told).toEqual([expect.stringContaining(`permissions.2${problem}`)]);
    expect(told[0]).toMatch(/ \(rule 3\)$/);
  });

  test.each(['input', 'output'] as const)('is described for the API by its actions and its rules: %s', (io) => {
    const { $defs } = z.toJSONSchema(Body, { io });
    expect($defs?.['Policy']).toMatchObject({
      anyOf: [
        { enum: ['allow', 'deny', 'ask'] },
        { type: 'array', maxItems: 1000, items: { $ref: '#/$defs/PermissionRule' } },
      ],
    });
    expect(Object.keys($defs?.['PermissionRule']?.properties ?? {})).toEqual(Object.keys(PermissionRule.shape));
  });
});
