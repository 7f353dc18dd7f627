import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermissionRule } from '../../contracts/policy.ts';
import { decidePermission } from './decide.ts';
import { rememberedRule } from './remembered-rule.ts';
import type { PermissionSubject } from './subject.ts';

const subject = (parts: Partial<PermissionSubject>): PermissionSubject => ({
  tool: 'Bash',
  command: null,
  paths: [],
  isFullyKnown: true,
  workspace: '/work',
  ...parts,
});

describe('the rule that remembers an answer', () => {
  test.each([
    [subject({ command: 'ls *.ts' }), { action: 'allow', tool: 'Bash', command: 'ls \\*.ts' }],
    [subject({ command: '' }), { action: 'allow', tool: 'Bash', command: ' ' }],
    [subject({ tool: 'a*', command: 'x', paths: ['/y'] }), { action: 'allow', tool: 'a\\*', command: 'x' }],
    [subject({ tool: 'Write', paths: ['/work/[a]'] }), { action: 'allow', tool: 'Write', path: '/work/\\[a\\]' }],
    [subject({ tool: 'WebSearch' }), { action: 'allow', tool: 'WebSearch' }],
  ])('of %j is %j', (asked, rule) => {
    expect(rememberedRule(asked, 'allow')).toEqual(rule);
  });

  test.each([
    subject({ tool: 'Edit', paths: ['/a', '/b'] }),
    subject({ tool: 'mcp__files__move', paths: ['/work/a'], isFullyKnown: false }),
    subject({ command: 'npm test', isFullyKnown: false }),
    subject({ command: 'x'.repeat(4097) }),
    subject({ tool: 'Write', paths: [`/${'*'.repeat(4000)}`] }),
    subject({ tool: '' }),
  ])('is none where it would allow more than was asked, or could not be written (%#)', (asked) => {
    expect(rememberedRule(asked, 'allow')).toBeNull();
  });

  test('is the whole tool where nothing is known of what it would do', () => {
    const asked = subject({ tool: 'mcp__files__move', isFullyKnown: false });
    expect(rememberedRule(asked, 'allow')).toEqual({ action: 'allow', tool: 'mcp__files__move' });
  });

  test('may deny more than was asked', () => {
    expect(rememberedRule(subject({ tool: 'Edit', paths: ['/a', '/b'] }), 'deny')).toEqual({
      action: 'deny',
      tool: 'Edit',
    });
    const partly = subject({ tool: 'mcp__files__move', paths: ['/a'], isFullyKnown: false });
    expect(rememberedRule(partly, 'deny')).toEqual({ action: 'deny', tool: 'mcp__files__move', path: '/a' });
  });

  const odd = fc.string({
    unit: fc.constantFrom('a', ' ', '*', '\\', ';', '$', '[', '{', '?', '!', '\n'),
    maxLength: 6,
  });
  const subjects = fc.oneof(
    odd.map((command) => subject({ command })),
    odd.map((name) => subject({ tool: 'Write', paths: [`/work/${name}`] })),
  );

  test.each(['allow', 'deny'] as const)('is a valid rule that decides the same question: %s', (action) => {
    fc.assert(
      fc.property(subjects, (asked) => {
        const rule = PermissionRule.parse(rememberedRule(asked, action));
        const decision = decidePermission([{ level: 'session', policy: [rule] }], asked);
        expect(decision).toMatchObject({ action, level: 'session' });
      }),
    );
  });

  test('allows no other command and no other path', () => {
    fc.assert(
      fc.property(subjects, subjects, (asked, other) => {
        const levels = [{ level: 'session' as const, policy: [PermissionRule.parse(rememberedRule(asked, 'allow'))] }];
        const isSame = asked.command?.trim() === other.command?.trim() && asked.paths[0] === other.paths[0];
        expect(decidePermission(levels, other).action).toBe(isSame ? 'allow' : 'deny');
      }),
    );
  });
});
