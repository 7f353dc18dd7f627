import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busy, end, hang, say, script, sleep, tool, waitForFile } from '../../script.ts';
import { perform, Rehearsal } from '../rehearsal.ts';

test('a turn waits until a file is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  const go = join(folder, 'go');
  await using agent = new Rehearsal();
  agent.prompt('t', script(say('waiting'), waitForFile(go), say('went')));
  await agent.next('message_done');
  writeFileSync(go, '');
  expect(await agent.next('turn_ended')).toMatchObject({ answer: 'went' });
  rmSync(folder, { recursive: true });
});

test.each([
  { waiting: 'sleep', step: sleep(1_000_000) },
  { waiting: 'busy', step: busy(1_000_000) },
  { waiting: 'waitForFile', step: waitForFile('/no/such/file') },
])('$waiting is interruptible', async ({ step }) => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(say('waiting'), step));
  await agent.next('message_done');
  agent.send({ type: 'interrupt', id: 't' });
  expect(await agent.next('turn_ended')).toMatchObject({ outcome: 'interrupted' });
});

test('being busy uses the CPU', async () => {
  const { lines } = await perform(script(busy(30), end({ answer: 'tired' })));
  expect(lines.at(-1)).toMatchObject({ answer: 'tired' });
});

test.each([
  { where: 'mid stream', steps: [say('half', { leaveOpen: true }), hang()], last: 'text' },
  { where: 'mid tool', steps: [tool('Build', { leaveOpen: true }), hang()], last: 'tool_started' },
  { where: 'after its result', steps: [end(), hang()], last: 'turn_ended' },
] as const)('an agent hangs $where, hears nothing and dies of a signal', async ({ steps, last }) => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(...steps));
  await agent.next(last);
  agent.send({ type: 'interrupt', id: 't' });
  agent.prompt('t2', script(say('never')));
  agent.child.stdin.end();
  agent.child.kill('SIGTERM');
  const { lines, code, signal } = await agent.ended();
  expect(lines.at(-1)?.type).toBe(last);
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' });
});
