import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promptDigest, readStdinRaw, say, script, scriptFile } from '../../script.ts';
import { perform, Rehearsal } from '../rehearsal.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a prompt of many megabytes comes whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  const file = join(folder, 'script.json');
  writeFileSync(file, scriptFile({ turns: [[promptDigest()]] }));
  const prompt = 'grüße '.repeat(1_500_000);
  const { lines } = await perform(prompt, { args: ['--script', file] });
  const bytes = Buffer.from(prompt);
  expect(lines.at(-1)).toMatchObject({ answer: `${bytes.length} bytes, sha256 ${sha256(bytes)}` });
  rmSync(folder, { recursive: true });
});

test('bytes behind the prompt are read as they are, lines go on behind them', async () => {
  await using agent = new Rehearsal();
  const raw = Buffer.concat([Buffer.from([0, 255, 10, 13]), Buffer.alloc(300_000, 'x\n')]);
  agent.prompt('t1', script(say('ready'), readStdinRaw(raw.length)));
  await agent.next('message_done');
  agent.child.stdin.write(raw);
  agent.prompt('t2', script(say('second')));
  expect(await agent.next('turn_ended')).toMatchObject({ answer: `${raw.length} bytes, sha256 ${sha256(raw)}` });
  expect(await agent.next('turn_ended')).toMatchObject({ answer: 'second' });
});

test('stdin may end before', async () => {
  await using agent = new Rehearsal();
  agent.prompt('t1', script(say('ready'), readStdinRaw(100)));
  await agent.next('message_done');
  agent.child.stdin.write('abc');
  const { lines } = await agent.end();
  expect(lines.at(-1)).toMatchObject({ answer: `3 bytes, sha256 ${sha256(Buffer.from('abc'))}` });
});
