import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rehearsal } from './rehearsal.ts';

test('a prompt without a script is answered by a short piece of real work, turn after turn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  await using agent = new Rehearsal({ cwd: folder });
  agent.prompt('t1', 'Say hello\nto "me"');
  agent.prompt('t2', 'And again');
  const { lines, code, stderr } = await agent.end();

  expect(readFileSync(join(folder, 'GREETING.md'), 'utf8').split('\n')).toEqual([
    'Hello from Drover\'s scripted agent. You said "Say hello to \\"me\\"".',
    'Hello from Drover\'s scripted agent. You said "And again".',
    '',
  ]);
  expect(lines.filter((line) => line.type === 'tool_done')).toHaveLength(6);
  expect(lines.filter((line) => line.type === 'tool_done' && !line.ok)).toEqual([]);
  expect(lines.at(-1)).toMatchObject({
    outcome: 'succeeded',
    answer: expect.stringContaining('"And again"') as string,
  });
  expect({ code, stderr: stderr.toString() }).toEqual({ code: 0, stderr: '' });
  rmSync(folder, { recursive: true });
});
