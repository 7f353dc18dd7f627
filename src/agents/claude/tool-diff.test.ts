import { describe, expect, it } from 'vitest';
import { appliedEdit } from './tool-diff.ts';

describe('an edit that was applied', () => {
  it('is one diff for each hunk', () => {
    const structuredPatch = [
      { oldStart: 3, newStart: 3, lines: [' a', '-b', '+B', ' c'] },
      { oldStart: 90, newStart: 90, lines: ['-y', '\\ No newline at end of file', '+Y', '+Z'] },
    ];
    expect(appliedEdit({ filePath: '/f', structuredPatch, originalFile: 'long' })).toEqual({
      path: '/f',
      line: 3,
      diffs: [
        { type: 'diff', path: '/f', oldText: 'a\nb\nc', newText: 'a\nB\nc' },
        { type: 'diff', path: '/f', oldText: 'y', newText: 'Y\nZ' },
      ],
    });
  });

  it('is the whole content of a file that is new', () => {
    const result = { type: 'create', filePath: '/f', content: 'new\n', structuredPatch: [], originalFile: null };
    expect(appliedEdit(result)?.diffs).toEqual([{ type: 'diff', path: '/f', oldText: null, newText: 'new\n' }]);
  });

  it('is read from its strings where there is no patch', () => {
    const result = { filePath: '/f', oldString: 'a', newString: 'b', structuredPatch: [], originalFile: 'xax' };
    expect(appliedEdit(result)?.diffs).toEqual([{ type: 'diff', path: '/f', oldText: 'a', newText: 'b' }]);
  });

  it.each([
    undefined,
    null,
    'Error: no',
    { stdout: 'x' },
    { filePath: '/f', plan: 'x' },
    [{ type: 'text', text: '5' }],
  ])('is not seen in the result of another tool: %j', (result) => expect(appliedEdit(result)).toBeNull());
});
