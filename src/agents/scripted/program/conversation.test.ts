import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exit, hang, print, say, script, scriptFile, sleep, tool } from '../script.ts';
import { perform, Rehearsal } from './rehearsal.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  file = join(folder, 'script.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the program says hello before any prompt and ends with its stdin', async () => {
  await using agent = new Rehearsal();
  const hello = await agent.next('hello');
  expect(hello).toMatchObject({ version: '1', resumed: false });
  expect(await agent.end()).toMatchObject({ code: 0, signal: null, lines: [hello] });
});

test('a session is reopened by its id', async () => {
  const { lines } = await perform(script(), { args: ['--resume', 'scripted-abc'] });
  expect(lines[0]).toMatchObject({ type: 'hello', sessionId: 'scripted-abc', resumed: true });
});

test('two processes never use the same message id', async () => {
  const performances = await Promise.all([perform(script(say('a'))), perform(script(say('b')))]);
  const [first, second] = performances.map(({ lines }) => lines.find((line) => line.type === 'message_done'));
  expect(first?.id).not.toBe(second?.id);
});

test('prompts that come together become turns one after the other, also when stdin has ended', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(sleep(1), say('one')));
  agent.prompt('t2', script(say('two')));
  const { lines } = await agent.end();
  expect(lines.filter(({ type }) => type.startsWith('turn_'))).toMatchObject([
    { type: 'turn_started', id: 't1' },
    { type: 'turn_ended', answer: 'one' },
    { type: 'turn_started', id: 't2' },
    { type: 'turn_ended', answer: 'two' },
  ]);
});

test('an interrupted turn ends what it had begun, and the program stays usable', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(tool('Build', { delayMs: 1_000_000 }), say('never')));
  await agent.next('tool_started');
  agent.send({ type: 'interrupt', id: 't1' });
  agent.prompt('t2', script(say('usable')));
  const { lines, code } = await agent.end();
  expect(lines.slice(3)).toMatchObject([
    { type: 'tool_done', ok: false },
    { type: 'turn_ended', outcome: 'interrupted', answer: '' },
    { type: 'turn_started', id: 't2' },
    { type: 'text', text: 'usable' },
    { type: 'message_done' },
    { type: 'turn_ended', outcome: 'succeeded' },
  ]);
  expect(code).toBe(0);
});

test('SIGINT interrupts the present turn, and no turn that comes later', async () => {
  await using agent = new Rehearsal();
  await agent.next('hello');
  agent.child.kill('SIGINT');
  agent.prompt('t1', script(say('half a sentence', { chunks: 2, delayMs: 1_000_000 })));
  await agent.next('text');
  agent.child.kill('SIGINT');
  expect(await agent.next('message_done')).toMatchObject({ text: 'half a s' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'interrupted', answer: 'half a s' });
  agent.prompt('t2', script(say('usable')));
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'succeeded' });
});

test('a late interrupt does not meet the next turn, an early one meets its own', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(say('one')));
  await agent.next('turn_ended');
  agent.send({ type: 'interrupt', id: 't1' });
  agent.prompt('t2', script(sleep(1), say('two')));
  agent.prompt('t3', script(say('three')));
  agent.send({ type: 'interrupt', id: 't3' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'succeeded', answer: 'two' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'interrupted' });
});

test('SIGTERM ends the program by that signal', async () => {
  await using agent = new Rehearsal();
  await agent.next('hello');
  agent.child.kill('SIGTERM');
  expect(await agent.ended()).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('a script file has steps for each prompt, the last ones for all further prompts', async () => {
  writeFileSync(file, scriptFile({ turns: [[say('one')], [say('more')]] }));
  await using agent = new Rehearsal({ args: ['--script', file] });
  agent.prompt('t1', 'a');
  agent.prompt('t2', script(say('its own')));
  agent.prompt('t3', '{"no": "script"}');
  const { lines } = await agent.end();
  const answers = lines.filter((line) => line.type === 'turn_ended').map(({ answer }) => answer);
  expect(answers).toEqual(['one', 'its own', 'more']);
});

test('an agent dies before it has said hello', async () => {
  writeFileSync(file, scriptFile({ start: [print('Segmentation fault', { stream: 'stderr' }), exit(139)], turns: [] }));
  const { code, stdout, stderr } = await perform('hi', { args: ['--script', file] });
  expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
    code: 139,
    stdout: '',
    stderr: 'Segmentation fault\n',
  });
});

test('an agent hangs before its first byte', async () => {
  writeFileSync(file, scriptFile({ start: [print('hanging', { stream: 'stderr' }), hang()], turns: [] }));
  await using agent = new Rehearsal({ args: ['--script', file] });
  await new Promise((resolve) => agent.child.stderr.once('data', resolve));
  agent.prompt('t', 'hi');
  agent.child.stdin.end();
  agent.child.kill('SIGTERM');
  expect(await agent.ended()).toMatchObject({ signal: 'SIGTERM', lines: [] });
});

test('a script file that cannot be played says why', async () => {
  writeFileSync(file, '{"steps": [{"shout": {}}]}');
  const { code, stderr } = await perform('hi', { args: ['--script', file] });
  expect(code).toBe(2);
  expect(stderr.toString()).toContain(`the script "${file}" cannot be played: Step 1 has the unknown verb "shout"`);
});

test('a line that is no command is reported and passed over', async () => {
  await using agent = new Rehearsal();
  agent.child.stdin.write('rubbish\nnull\n{"type":"dance"}\n\n');
  agent.prompt('t', script(say('fine')));
  const { stderr, lines } = await agent.end();
  expect(stderr.toString().split('\n')).toHaveLength(4);
  expect(lines.at(-1)).toMatchObject({ answer: 'fine' });
});
