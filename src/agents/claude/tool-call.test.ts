import { describe, expect, it } from 'vitest';
import { describeToolCall } from './tool-call.ts';

describe('a tool call of Claude Code', () => {
  it.each([
    ['Bash', { command: 'ls -l' }, 'execute', 'ls -l'],
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
