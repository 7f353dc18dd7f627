import { describe, expect, it } from 'vitest';
import { parseRule } from './parse-rule.ts';

describe('a rule of the command line', () => {
  it.each([
    ['Bash', { tool: 'Bash' }],
    ['*', { tool: '*' }],
    ['mcp__github__*', { tool: 'mcp__github__*' }],
    ['Bash(git *)', { tool: 'Bash', command: 'git *' }],
    ['Bash(npm test | tee *)', { tool: 'Bash', command: 'npm test | tee *' }],
    ['Bash(echo $(date))', { tool: 'Bash', command: 'echo $(date)' }],
    ['Bash(a:b)', { tool: 'Bash', command: 'a:b' }],
    ['Write:src/**', { tool: 'Write', path: 'src/**' }],
    ['Write:/tmp/a (1).txt', { tool: 'Write', path: '/tmp/a (1).txt' }],
    ['*:**/.env', { tool: '*', path: '**/.env' }],
  ])('is read: %s', (text, conditions) => {
    expect(parseRule({ action: 'deny', text })).toEqual({ action: 'deny', ...conditions });
  });

  it.each([
    '',
    ' ',
    'git *',
    'Bash(',
    'Bash()',
    'Bash( )',
    'Bash)',
    'Bash(git *',
    'Bash (git *)',
    'Bash(git *) ',
    ' Bash',
    'Write:',
    'Write: src',
    ':src/**',
    '(git *)',
    'Bash,Read',
  ])('that is none is refused, with itself and the forms: %j', (text) => {
    expect(() => parseRule({ action: 'allow', text })).toThrow(
      `--allow "${text.trim()}" is no rule. Expected Tool, Tool(command pattern) or Tool:path pattern, such as Read, ` +
        '"Bash(git *)" or "Write:src/**"',
    );
  });

  it.each([
    ['Write:~/x', 'use an absolute path for "~"'],
    ['Write:../x', 'Expected a path without ".."'],
    ['Write:src/', 'Expected no slash at the end'],
    ['Write:a[b]', 'Expected no pattern but "*" and "**"'],
  ])('is refused where its pattern would match nothing: %s', (text, problem) => {
    expect(() => parseRule({ action: 'ask', text })).toThrow(problem);
  });

  it('that is wrong is named inertly', () => {
    expect(() => parseRule({ action: 'allow', text: '\u001b[2J(' })).toThrow('--allow "␛[2J(" is no rule');
  });
});
