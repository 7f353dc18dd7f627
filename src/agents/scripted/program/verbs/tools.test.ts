import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { edit, read, run, say, script, tool, writeFile } from '../../script.ts';
import { perform } from '../rehearsal.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'drover-scripted-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a tool only says that it does something', async () => {
  const { lines } = await perform(
    script(tool('Search', { kind: 'search', input: { q: 'x' }, output: 'found', ok: false })),
  );
  expect(lines.slice(2, -1)).toMatchObject([
    { type: 'tool_started', title: 'Search', kind: 'search', input: { q: 'x' } },
    { type: 'tool_output', text: 'found' },
    { type: 'tool_done', ok: false },
  ]);
});

test('a tool that is left open is never done', async () => {
  const { lines } = await perform(script(tool('Build', { leaveOpen: true })));
  expect(lines.map(({ type }) => type)).toEqual(['hello', 'turn_started', 'tool_started', 'turn_ended']);
});

test('a file is read', async () => {
  writeFileSync(join(folder, 'a.txt'), 'content');
  const { lines } = await perform(script(read('a.txt'), read('none.txt')), { cwd: folder });
  expect(lines.slice(3, 5)).toMatchObject([
    { type: 'tool_output', text: 'content' },
    { type: 'tool_done', ok: true },
  ]);
  expect(lines.filter((line) => line.type === 'tool_done').at(1)).toMatchObject({ ok: false });
});

test('a file is really edited, and the edit says what was there before', async () => {
  const steps = script(edit('a.txt', { content: 'one\n' }), edit('a.txt', { append: 'two\n' }));
  const { lines } = await perform(steps, { cwd: folder });
  const path = join(folder, 'a.txt');
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(lines.filter((line) => line.type === 'tool_done')).toMatchObject([
    { ok: true, diff: { path, oldText: null, newText: 'one\n' } },
    { ok: true, diff: { path, oldText: 'one\n', newText: 'one\ntwo\n' } },
  ]);
});

test('an edit that is not possible fails as a tool, not as a turn', async () => {
  const { lines } = await perform(script(edit('no/such/folder', { content: '' }), say('sorry')), { cwd: folder });
  expect(lines.find((line) => line.type === 'tool_done')).toMatchObject({ ok: false });
  expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded', answer: 'sorry' });
});

test('an edit needs to be told what to do', async () => {
  const { lines } = await perform(script(edit('a.txt', {})), { cwd: folder });
  const message = '"edit" needs either "content" or "append"';
  expect(lines.at(-1)).toMatchObject({ outcome: 'failed', reason: 'invalid_request', message });
});

test('a program is really run', async () => {
  const { lines } = await perform(script(run('/bin/sh', '-c', 'echo out; echo err >&2; exit 3')));
  expect(lines.find((line) => line.type === 'tool_output')?.text).toMatch(/out\n.*Exit code 3/s);
  expect(lines.find((line) => line.type === 'tool_done')).toMatchObject({ ok: false });
});

test('a program that is not there fails as a tool', async () => {
  const { lines } = await perform(script(run('/no/such/program')));
  expect(lines.find((line) => line.type === 'tool_output')?.text).toContain('ENOENT');
  expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded' });
});

test('a file is written without a word', async () => {
  const steps = script(writeFile('mark'), writeFile('count', { append: '1\n' }), writeFile('count', { append: '2\n' }));
  const { lines } = await perform(steps, { cwd: folder });
  expect(readFileSync(join(folder, 'mark'), 'utf8')).toBe('');
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('1\n2\n');
  expect(lines.map(({ type }) => type)).toEqual(['hello', 'turn_started', 'turn_ended']);
});
