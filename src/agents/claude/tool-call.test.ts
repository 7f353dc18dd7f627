import { describe, expect, it } from 'vitest';
import { describeToolCall, permissionFacts } from './tool-call.ts';

describe('a tool call of Claude Code', () => {
  it.each([
    ['Bash', { command: 'ls -l' }, 'execute', 'ls -l'],
    ['Bash', { command: 'ls -l', dangerouslyDisableSandbox: false }, 'execute', 'ls -l'],
    ['Bash', { command: 'ls -l', dangerouslyDisableSandbox: true }, 'execute', 'Outside the sandbox: ls -l'],
    ['Read', { file_path: '/a' }, 'read', 'Read /a'],
    ['Write', { file_path: '/a', content: 'x' }, 'edit', 'Write /a'],
    ['NotebookEdit', { notebook_path: '/n', new_source: 'x' }, 'edit', 'Edit /n'],
    ['Grep', { pattern: 'x.*y' }, 'search', 'Grep x.*y'],
    ['WebFetch', { url: 'https://a.b' }, 'fetch', 'Fetch https://a.b'],
    ['Agent', { description: 'Look around' }, 'think', 'Look around'],
    ['ExitPlanMode', { plan: '1. Look' }, 'switch_mode', 'Leave plan mode'],
    ['mcp__gate__add', { a: 1 }, 'other', 'gate: add'],
    ['Invention', { a: 1 }, 'other', 'Invention'],
    ['constructor', {}, 'other', 'constructor'],
    ['Bash', null, 'execute', 'Bash'],
    ['Read', { file_path: 7 }, 'read', 'Read'],
  ])('"%s" of %j is of kind %s, "%s"', (name, input, kind, title) => {
    expect(describeToolCall(name, input)).toMatchObject({ kind, title });
  });

  it('says where it works', () => {
    expect(describeToolCall('Read', { file_path: '/a', offset: 7 }).locations).toEqual([{ path: '/a', line: 7 }]);
    expect(describeToolCall('Bash', { command: 'ls' }).locations).toBeUndefined();
  });

  it('has a title that fits a line', () => {
    expect(describeToolCall('Bash', { command: 'x'.repeat(1000) }).title).toHaveLength(200);
  });

  it('shows what an edit intends', () => {
    const edit = { old_string: 'a', new_string: 'b' };
    const diff = { type: 'diff', path: '/f', oldText: 'a', newText: 'b' };
    expect(describeToolCall('Edit', { file_path: '/f', ...edit }).content).toEqual([diff]);
    expect(describeToolCall('MultiEdit', { file_path: '/f', edits: [edit, edit] }).content).toEqual([diff, diff]);
    expect(describeToolCall('Write', { file_path: '/f', content: 'b' }).content).toEqual([{ ...diff, oldText: null }]);
    expect(describeToolCall('Edit', { file_path: '/f' }).content).toBeUndefined();
  });
});

describe('what a policy goes by', () => {
  it.each([
    ['Bash', { command: 'ls -l' }, 'ls -l', []],
    ['Monitor', { command: 'tail -f log' }, 'tail -f log', []],
    ['Read', { file_path: '/a' }, null, ['/a']],
    ['Write', { file_path: '/a', content: 'x' }, null, ['/a']],
    ['Edit', { file_path: 'src/a', old_string: 'a', new_string: 'b' }, null, ['src/a']],
    ['MultiEdit', { file_path: '/a', edits: [] }, null, ['/a']],
    ['NotebookEdit', { notebook_path: '/n.ipynb' }, null, ['/n.ipynb']],
    ['LS', { path: '/etc' }, null, ['/etc']],
    ['Grep', { pattern: '/etc/x', path: 'src' }, null, ['src']],
    ['Grep', { pattern: 'x' }, null, ['.']],
    ['Glob', { pattern: '**/*.ts' }, null, ['.']],
    ['Glob', { pattern: '*.ts', path: '/src' }, null, ['/src']],
    ['Glob', { pattern: '/etc/*.conf' }, null, ['.', '/etc']],
    ['Glob', { pattern: '/*' }, null, ['.', '/']],
    ['Glob', { pattern: '/etc/passwd' }, null, ['.', '/etc']],
    ['Glob', { pattern: '../../*.key', path: '/a/b' }, null, ['/a/b', '/a/b/../..']],
    ['Write', { file_path: '~/.ssh/config' }, null, ['~/.ssh/config']],
    ['WebFetch', { url: 'https://a.b' }, null, []],
    ['mcp__files__read', { path: '/a', command: 'read' }, null, ['/a']],
    ['Bash', { command: 7 }, null, []],
    ['Read', null, null, []],
  ])('in a call of "%s" with %j: the command %j, the paths %j', (tool, input, command, paths) => {
    expect(permissionFacts(tool, input)).toMatchObject({ tool, command, paths });
  });

  it.each([
    ['Bash', { command: 'ls -l', dangerouslyDisableSandbox: false }, true],
    ['Bash', { command: 'ls -l', dangerouslyDisableSandbox: true }, false],
    ['Write', { file_path: '/a' }, true],
    ['WebFetch', { url: 'https://a.b' }, true],
    ['Grep', { pattern: '{..,x}' }, true],
    ['Glob', { pattern: '**/*.{ts,tsx}' }, true],
    ['Glob', { pattern: '/etc/*.conf' }, true],
    ['Glob', { pattern: '*/../../../etc/*' }, false],
    ['Glob', { pattern: '/src/*/../../etc/*' }, false],
    ['Glob', { pattern: '{..,x}/../etc/*' }, false],
    ['Glob', { pattern: '.{a,}./etc/*' }, false],
    ['Glob', { pattern: '{src,/etc}/*' }, false],
    ['mcp__files__move', { path: 'src/a', destination: '/etc/cron.d/x' }, false],
    ['mcp__github__list', {}, false],
    ['LSP', { filePath: '/etc/passwd' }, false],
  ])('a call of "%s" with %j is fully known: %j', (tool, input, expected) => {
    expect(permissionFacts(tool, input).isFullyKnown).toBe(expected);
  });

  it.each([
    ['Grep', true],
    ['Glob', true],
    ['LS', true],
    ['Read', undefined],
    ['mcp__files__search', undefined],
  ])('"%s" goes through all that is below a path: %j', (tool, expected) => {
    expect(permissionFacts(tool, { path: '/a', pattern: 'x' }).isSearch).toBe(expected);
  });
});
