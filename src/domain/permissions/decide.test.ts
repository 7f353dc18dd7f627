import { describe, expect, test } from 'vitest';
import { Policy } from '../../contracts/policy.ts';
import { decidePermission } from './decide.ts';
import type { PolicyLevel } from './policy-level.ts';
import type { PermissionSubject } from './subject.ts';

const workspace = '/work';
const known = { isFullyKnown: true, workspace };
const bash = (command: string): PermissionSubject => ({ tool: 'Bash', command, paths: [], ...known });
const write = (...paths: string[]): PermissionSubject => ({ tool: 'Write', command: null, paths, ...known });
const onServer = (policy: unknown): PolicyLevel[] => [{ level: 'server', policy: Policy.parse(policy) }];

describe('the order of rules', () => {
  test('the first that matches decides, and is named', () => {
    const rule = { action: 'allow', tool: 'Bash', command: 'git *' } as const;
    const levels = onServer([{ action: 'deny', command: 'git push*' }, rule, { action: 'ask' }]);
    expect(decidePermission(levels, bash('git status'))).toEqual({
      action: 'allow',
      level: 'server',
      rule,
      index: 1,
      deadlineMs: null,
      otherwise: 'deny',
    });
    expect(decidePermission(levels, bash('git push'))).toMatchObject({ action: 'deny', index: 0 });
    expect(decidePermission(levels, bash('git status; ls'))).toMatchObject({ action: 'ask', index: 2 });
  });

  test('levels are asked in turn; one that says nothing passes the question on', () => {
    const levels: PolicyLevel[] = [
      { level: 'run', policy: [] },
      { level: 'session', policy: [{ action: 'allow', tool: 'Read' }] },
      { level: 'server', policy: 'ask' },
    ];
    expect(decidePermission(levels, { ...write('/work/a'), tool: 'Read' }).level).toBe('session');
    expect(decidePermission(levels, write('/work/a'))).toMatchObject({ action: 'ask', level: 'server', index: 0 });
  });

  test('what no rule matches is denied', () => {
    expect(decidePermission(onServer([{ action: 'allow', tool: 'Read' }]), bash('ls'))).toEqual({
      action: 'deny',
      level: 'default',
      rule: null,
      index: null,
      deadlineMs: null,
      otherwise: 'deny',
    });
    expect(decidePermission([], bash('ls')).action).toBe('deny');
  });
});

describe('conditions', () => {
  const allowSource = onServer([{ action: 'allow', tool: 'Write', path: 'src/**' }]);
  const denySecrets = onServer([{ action: 'deny', path: '**/.env' }, { action: 'allow' }]);

  test.each([
    ['a path that is covered', allowSource, write('/work/src/a'), 'allow'],
    ['one of two paths that is not', allowSource, write('/work/src/a', '/etc/passwd'), 'deny'],
    ['no path at all', allowSource, write(), 'deny'],
    ['another tool', allowSource, { ...write('/work/src/a'), tool: 'Edit' }, 'deny'],
    ['one of two paths that is denied', denySecrets, write('/work/src/a', '/work/.env'), 'deny'],
    ['paths that are not denied', denySecrets, write('/work/src/a'), 'allow'],
  ])('%s', (_, levels, subject, action) => {
    expect(decidePermission(levels, subject).action).toBe(action);
  });

  test('all conditions of a rule have to hold', () => {
    const levels = onServer([{ action: 'allow', tool: 'Bash', command: 'cat *', path: 'src/**' }]);
    expect(decidePermission(levels, { ...bash('cat src/a'), paths: ['/work/src/a'] }).action).toBe('allow');
    expect(decidePermission(levels, { ...bash('cat src/a'), paths: ['/work/a'] }).action).toBe('deny');
    expect(decidePermission(levels, bash('cat src/a')).action).toBe('deny');
  });

  test('paths alone deny a command, but never allow one', () => {
    const command = { ...bash('rm -rf ~'), paths: ['/work/src/a'] };
    expect(decidePermission(onServer([{ action: 'allow', path: 'src/**' }]), command).level).toBe('default');
    expect(decidePermission(onServer([{ action: 'deny', path: 'src/**' }]), command).level).toBe('server');
  });

  test('a condition on commands is not fulfilled by what runs none', () => {
    expect(decidePermission(onServer([{ action: 'allow', command: '*' }]), write('/work/a')).action).toBe('deny');
    expect(decidePermission(onServer([{ action: 'ask', command: '*' }]), write('/work/a')).level).toBe('default');
  });
});

describe('what is not fully known', () => {
  const subjects = [
    { ...write('/work/src/a'), isFullyKnown: false },
    { ...bash('npm test'), isFullyKnown: false },
  ];

  test.each(subjects)('is allowed by no rule that goes by commands or paths: %j', (subject) => {
    for (const rule of [{ path: '**' }, { command: '*' }, { command: 'npm test' }, { command: '*', path: '**' }]) {
      expect(decidePermission(onServer([{ action: 'allow', ...rule }]), subject).level).toBe('default');
    }
    const ask = onServer([{ action: 'ask', ...(subject.command === null ? { path: '**' } : { command: '*' }) }]);
    expect(decidePermission(ask, subject)).toMatchObject({ action: 'ask', level: 'server' });
  });

  test.each(subjects)('is allowed by a rule for the tool: %j', (subject) => {
    expect(decidePermission(onServer([{ action: 'allow', tool: subject.tool }]), subject).action).toBe('allow');
  });
});

describe('what is too long to be looked into', () => {
  const levels = onServer([{ action: 'deny', command: 'never *', path: 'never' }, { action: 'allow' }]);
  const only = (rule: object) => onServer([{ action: 'deny', ...rule }, { action: 'allow' }]);
  const command = `true ${'x'.repeat(128 * 1024)}`;

  test.each([write('x'.repeat(4097)), write('a/../'.repeat(1000)), write('/work/a\0b')])(
    'of a path, what denies fits and what allows does not',
    (subject) => {
      expect(decidePermission(only({ path: 'never' }), subject).level).toBe('server');
      expect(decidePermission(only({ path: 'never' }), subject).action).toBe('deny');
      expect(decidePermission(onServer([{ action: 'allow', path: '/**' }]), subject).level).toBe('default');
      expect(decidePermission(levels, subject).action).toBe('allow');
    },
  );

  test('of a command as well', () => {
    expect(decidePermission(only({ command: 'never *' }), bash(command)).action).toBe('deny');
    expect(decidePermission(onServer([{ action: 'allow', command: '*' }]), bash(command)).level).toBe('default');
    expect(decidePermission(onServer([{ action: 'allow', tool: 'Bash' }]), bash(command)).action).toBe('allow');
  });

  test('a thousand rules for a long command take no time to speak of', () => {
    const rules = Array.from({ length: 1000 }, (_, index) => ({ action: 'deny', command: `*rm ${index}*` }));
    const started = performance.now();
    decidePermission(onServer(rules), bash('env x '.repeat(20_000)));
    decidePermission(onServer(rules), bash('x '.repeat(4_000_000)));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a tool that searches', () => {
  const grep = (path: string): PermissionSubject => ({ ...write(path), tool: 'Grep', isSearch: true });
  const levels = onServer([{ action: 'deny', path: 'secrets/**' }, { action: 'allow' }]);

  test('is denied where something that it could find is', () => {
    expect(decidePermission(levels, grep('/work')).action).toBe('deny');
    expect(decidePermission(levels, grep('/work/secrets/a')).action).toBe('deny');
    expect(decidePermission(levels, grep('/work/src')).action).toBe('allow');
    expect(decidePermission(levels, write('/work')).action).toBe('allow');
  });
});

describe('a rule that asks', () => {
  const levels = onServer([{ action: 'ask', command: 'git *', deadlineMs: 60_000, otherwise: 'allow' }]);

  test('says how long, and what holds without an answer', () => {
    expect(decidePermission(levels, bash('git push'))).toMatchObject({ deadlineMs: 60_000, otherwise: 'allow' });
    expect(decidePermission(onServer('ask'), bash('ls'))).toMatchObject({ deadlineMs: null, otherwise: 'deny' });
  });

  test('never allows by silence what a rule that allows would not have matched', () => {
    expect(decidePermission(levels, bash('git push; rm -rf ~'))).toMatchObject({ action: 'ask', otherwise: 'deny' });
    const paths = onServer([{ action: 'ask', path: 'src/**', otherwise: 'allow' }]);
    expect(decidePermission(paths, write('/work/src/a', '/etc/passwd'))).toMatchObject({ otherwise: 'deny' });
  });
});
